from __future__ import annotations

import pytest

from stream_drift.detection.decision import Opened, Resolved
from stream_drift.detection.no_data import NoDataPolicy

PANE_MS = 300_000


def policy(last_end_ms: int | None = 10 * PANE_MS, no_data_for_ms: int = 700_000) -> NoDataPolicy:
    made = NoDataPolicy(no_data_for_ms, PANE_MS)
    if last_end_ms is not None:
        made.close_pane(last_end_ms)
    return made


def test_before_the_first_event_nothing_is_missing() -> None:
    assert policy(None).reach(10**15) == []


@pytest.mark.parametrize("reached", [13 * PANE_MS, 14 * PANE_MS, 10**12])
def test_the_opening_pane_does_not_depend_on_how_far_time_jumps(reached: int) -> None:
    (opened,) = policy().reach(reached)
    assert isinstance(opened, Opened)
    assert opened.pane_end_ms == 13 * PANE_MS
    assert (opened.onset.earliest_ms, opened.onset.latest_ms) == (9 * PANE_MS, 10 * PANE_MS)


def test_it_opens_at_the_first_pane_end_that_lies_far_enough_and_only_once() -> None:
    made = policy()
    assert made.reach(13 * PANE_MS - 1) == []
    assert len(made.reach(13 * PANE_MS)) == 1
    assert made.reach(14 * PANE_MS) == []


def test_the_next_pane_with_events_resolves_it() -> None:
    made = policy()
    made.reach(13 * PANE_MS)
    assert made.close_pane(20 * PANE_MS) == [Resolved("no_data", 20 * PANE_MS, "recovered")]
    assert made.close_pane(21 * PANE_MS) == []
    assert made.reach(23 * PANE_MS) == []


def test_it_goes_on_from_its_snapshot() -> None:
    made, other = policy(), policy(None)
    made.reach(13 * PANE_MS)
    other.restore(made.snapshot())
    assert other == made
