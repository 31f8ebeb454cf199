"""The published schema of alerts is that of the code, and every field is explained."""

from __future__ import annotations

from pathlib import Path

from docs.alert_schema import OUT, schema_text
from stream_drift.incidents.alert import AlertData

PAGE = Path(OUT).with_name("alert-event.md")


def test_the_published_schema_is_current() -> None:
    assert OUT.read_text() == schema_text(), "run `python -m docs.alert_schema`"


def test_the_page_explains_every_field() -> None:
    page = PAGE.read_text()
    marked = page.replace("[]", "")
    missing = [field for field in AlertData.__struct_fields__ if f"`{field}`" not in marked]
    assert missing == []
