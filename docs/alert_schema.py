"""Writes the JSON Schema of the alert's data; run as ``python -m docs.alert_schema``."""

from __future__ import annotations

import json
from pathlib import Path

from stream_drift.incidents.alert import data_schema

OUT = Path(__file__).with_name("alert-event.schema.json")


def schema_text() -> str:
    """The file's content."""
    return json.dumps(data_schema(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    OUT.write_text(schema_text())
