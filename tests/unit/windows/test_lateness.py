from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stream_drift.windows.lateness import late_events, latest_times, pane_starts_of

PANE_MS, LATENESS_MS = 60, 30


def is_late(times_ms: list[int], greatest_ms: int | None = None) -> list[bool]:
    times = np.array(times_ms, np.int64)
    starts = pane_starts_of(times, PANE_MS)
    late: list[bool] = late_events(
        starts, latest_times(times, greatest_ms), PANE_MS, LATENESS_MS
    ).tolist()
    return late


def test_panes_are_half_open_and_aligned_with_the_epoch() -> None:
    assert pane_starts_of(np.array([0, 59, 60, 121]), 60).tolist() == [0, 0, 60, 120]


def test_an_event_is_late_once_the_watermark_has_reached_the_end_of_its_pane() -> None:
    assert is_late([10, 89, 10]) == [False, False, False]
    assert is_late([10, 90, 10, 59, 60]) == [False, False, True, True, False]


def test_what_was_read_before_counts() -> None:
    assert is_late([10], greatest_ms=89) == [False]
    assert is_late([10], greatest_ms=90) == [True]


@given(st.lists(st.integers(0, 400), max_size=40), st.data())
def test_lateness_does_not_depend_on_batches(times: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(times)))
    greatest = max(times[:cut], default=None)
    assert is_late(times[:cut]) + is_late(times[cut:], greatest) == is_late(times)
