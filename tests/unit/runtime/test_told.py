from __future__ import annotations

import pytest

from stream_drift.incidents.alert import Alert
from stream_drift.runtime.told import Told
from tests.unit.incidents.deciding import book, moment, opened, resolved

KNOWN_NOTHING: list[str] = []
NOW = "2026-01-01T00:00:00Z"


@pytest.fixture
def alerts() -> list[Alert]:
    """An opening and the end of the same incident."""
    made = book()
    return [*made.decide([opened(0)], moment(0)), *made.decide([resolved(1)], moment(1))]


def test_what_is_open_on_the_topic_alone_is_closed_with_the_next_number(
    alerts: list[Alert],
) -> None:
    told = Told()
    told.note(alerts[0])
    [closing] = told.supersede(KNOWN_NOTHING, NOW)
    assert closing.id == alerts[1].id
    assert (closing.data.change, closing.data.status) == ("superseded", "resolved")
    assert closing.type == "io.streamdrift.incident.resolved.v1"
    assert told.supersede([alerts[0].data.incident], NOW) == []


def test_an_opening_that_a_zombie_tells_again_opens_nothing(alerts: list[Alert]) -> None:
    told = Told()
    for alert in (*alerts, alerts[0]):
        told.note(alert)
    assert told.supersede(KNOWN_NOTHING, NOW) == []
