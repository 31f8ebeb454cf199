"""The page about the configuration says what the schema says."""

from __future__ import annotations

from docs.configuration_reference import OUT, page
from stream_drift.config.keys import config_schema


def test_the_page_is_made_from_the_schema() -> None:
    assert OUT.read_text() == page(), "run `python -m docs.configuration_reference`"


def test_every_key_has_a_line() -> None:
    parts = [config_schema(), *config_schema()["$defs"].values()]
    keys = {key for part in parts for key in part.get("properties", {})}
    assert [key for key in keys if f"| `{key}` |" not in page()] == []
