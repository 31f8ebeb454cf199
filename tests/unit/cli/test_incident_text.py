"""`incidents show` tells what the event holds, in an order for reading."""

from __future__ import annotations

from rich.console import Console

from stream_drift.cli.incident_text import incident_text
from stream_drift.incidents.alert import Alert
from tests.unit.incidents.building import data, feature

HISTOGRAM = {"edges": [0.0, 1.0, 2.0], "shares": [0.5, 0.25], "below": 0.0, "above": 0.25}


def test_figures_stand_below_the_words_and_the_history_last() -> None:
    number = {"of": "reference", "n": 9_000, "mean": 96.2, "missing": 0.01, "histogram": HISTOGRAM}
    category = {"n": 9_000, "shares": {"ES": 0.25, "PT": 0.75}}
    shown = data(
        feature("location up", before=number, after=number, words="mean 96.2 → 141"),
        feature("psi", name="country", before=category, after=category, words="'ES' 4 % → 25 %"),
        feature("no event for 30 min", name=None, before={}, after={}, words="no event"),
    )
    console = Console(width=120, record=True)
    with console.capture() as captured:
        for part in incident_text([Alert("b2d4bc50866cbb4d/1", "t", "s", 0, shown)]):
            console.print(part)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    assert lines[0] == "Major data drift in hotel-cancellation: lead_time, country, all events"
    assert lines[3:6] == [
        "lead_time: mean 96.2 → 141",
        "  before (reference)  0  █▄▄ 2  n 9,000, mean 96.2, missing 1 %",
        "  after (reference)   0  █▄▄ 2  n 9,000, mean 96.2, missing 1 %",
    ]
    assert any("████████████████████████  75 %" in line for line in lines)
    assert "Hold and watch: it may pass" in lines
    assert lines[-1].split() == [
        "1970-01-01", "00:00", "UTC", "opened", "major", "lead_time,", "country,", "all", "events",
    ]  # fmt: skip
