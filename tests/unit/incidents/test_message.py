"""What somebody on call reads, in the order in which they need it."""

from __future__ import annotations

from stream_drift.incidents.alert import GuiltyFeature, Recommendation
from stream_drift.incidents.message import message_of
from stream_drift.incidents.summary import summary_of
from tests.unit.incidents.building import data, feature


def told(name: str) -> GuiltyFeature:
    return feature("location up", name=name, words="mean 96.2 → 141, +0.42 sd")


def test_what_comes_before_when_before_which_before_what_to_do_before_links() -> None:
    advice = Recommendation("hold and watch", "it may pass", "stream-drift incidents ack b2d4")
    alert = data(told("lead_time"), recommendation=advice, links={"page": "http://localhost/i"})
    assert message_of(alert).text.splitlines() == [
        "Major data drift in hotel-cancellation: lead_time",
        "Since 2026-09-21 14:25 UTC (between 14:10 and 14:40), found 3 h 10 min later",
        "lead_time: mean 96.2 → 141, +0.42 sd",
        "Hold and watch: it may pass",
        "$ stream-drift incidents ack b2d4",
        "Seen in 800 events; incident b2d4bc50866cbb4d",
        "Opened on a budget of 1 false incident per 30 days (not promised yet)",
        "page: http://localhost/i",
    ]


def test_what_labels_show_is_not_said_to_be_found_before_they_came() -> None:
    assert message_of(data(told("x"), policy="performance")).since.endswith(
        ", found in the labels of 3 h 10 min"
    )


def test_more_than_three_features_are_counted() -> None:
    message = message_of(data(*map(told, "abcde")))
    assert message.title == "Major data drift in hotel-cancellation: a, b, c, and 2 more"
    assert message.features[-1] == "and 2 more features"


def test_a_resolved_incident_says_how_long_it_lasted() -> None:
    alert = data(told("adr"), status="resolved", resolved_at="2026-09-22T14:25:00Z")
    message = message_of(alert)
    assert message.title == "Resolved: data drift in hotel-cancellation: adr"
    assert message.since.endswith("over at 2026-09-22 14:25 UTC, after 1 d")
    assert summary_of(alert) == (
        "resolved: data drift in hotel-cancellation, adr, 1 d after it began"
    )


def test_who_looks_after_it_and_how_long_it_is_muted_is_told() -> None:
    labels = {"acknowledged_by": "ada", "muted_until": "2026-09-22T00:00:00Z"}
    facts = message_of(data(told("adr"), labels=labels)).facts
    assert facts[:2] == ("ada looks after it", "Muted until 2026-09-22 00:00 UTC")
