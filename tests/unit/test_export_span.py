"""Which stretch of time an export reads when nobody says."""

from __future__ import annotations

from stream_drift.incidents.alert import iso
from stream_drift.past.incident import span_of
from tests.unit.incidents.building import data


def test_an_incident_without_a_window_lasts_until_it_was_last_found() -> None:
    last = "2026-09-25T00:00:00Z"
    alert = data(window=None, detected_at=last)
    assert iso(span_of(alert, None, None, {}).end_ms) == last
