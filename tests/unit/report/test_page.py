"""The page is one well-formed file that needs no network, and shows what the event holds."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from stream_drift.incidents.alert import Alert, AlertData
from stream_drift.report.bars import picture
from stream_drift.report.page import Watched, incident_page, replay_page
from tests.unit.incidents.building import data, feature

VOID = {"meta"}
NAME = "<b>&country"
EDGES = [0.0, 1.0, 2.0]
BEFORE = {
    "of": "baseline",
    "n": 900,
    "histogram": {"edges": EDGES, "shares": [0.5, 0.4], "below": 0.0, "above": 0.1},
}
AFTER = {
    "n": 40,
    "histogram": {"edges": EDGES, "shares": [0.2, 0.4], "below": 0.1, "above": 0.3},
}
T0 = 1_790_000_000_000


class Checker(HTMLParser):
    """Fails on tags that are not closed in order; collects addresses and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def checked(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    assert all(address.startswith("#") for address in checker.addresses)
    assert not re.search(r"<script|@import|url\(", page)
    return checker


def alert(sequence: int, at_ms: int, shown: AlertData) -> Alert:
    return Alert(f"{shown.incident}/{sequence}", "t", "s", at_ms, shown)


@pytest.fixture
def told() -> list[Alert]:
    shares = {"of": "reference", "n": 10, "shares": {"ES": 0.2, "PT": 0.8}}
    features = (
        feature("location up", before=BEFORE, after=AFTER, words="mean 1 → 2"),
        feature("psi", name=NAME, before=shares, after={"n": 4, "shares": {"ES": 1.0}}),
        feature("no event", name=None, before={}, after={}, words="no event for 30 min"),
    )
    over = {"status": "resolved", "change": "resolved", "resolved_at": "2026-09-22T00:00:00Z"}
    opened, resolved = data(*features), data(*features, **over)
    return [alert(1, T0, opened), alert(2, T0 + 86_400_000, resolved)]


def test_an_incident_is_shown_with_units_and_sample_sizes(told: list[Alert]) -> None:
    page = checked(incident_page(told[:1]))
    assert "Major data drift in hotel-cancellation: lead_time, <b>&country, all events" in page.text
    assert "live before the onset, n = 900since, n = 40; % of values" in page.text
    assert "20 % → 100 %" in page.text
    assert "Evidence 12,000 against a threshold of 8,640" in page.text
    assert '"specversion": "1.0"' in page.text


def test_a_replay_shows_when_it_was_loud_and_every_incident(told: list[Alert]) -> None:
    times = [T0 + i * 3_600_000 for i in range(500)]
    watched = Watched(
        "hotel-cancellation",
        "1d",
        14_671,
        500,
        [(at, 0.01 * i) for i, at in enumerate(times)],
        {"lead_time": [(at, 0.1) for at in times], "adr": [(at, 0.4) for at in times]},
        told,
    )
    page = checked(replay_page([watched, Watched("quiet")]))
    assert "14,671 events · 500 panes with events" in page.text
    assert page.text.index("adr") < page.text.index("lead_time")  # the loudest first
    assert "0 incidents" in page.text
    assert "#b2d4bc50866cbb4d" in page.addresses


def test_bars_stand_for_the_shares() -> None:
    drawn = picture(BEFORE, AFTER)
    heights = re.findall(r'<rect class="after"[^>]* height="([0-9.]+)"', drawn)
    assert [float(height) / 96 for height in heights] == pytest.approx(
        [0.2, 0.4, 0.8, 0.6], abs=0.002
    )
    assert picture({}, {}) == ""
