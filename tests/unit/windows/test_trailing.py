from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_drift.windows.trailing import DAY_MS, HOUR_MS, TrailingSum, window_start_ms

PANE_MS = 300_000


def test_a_window_ends_with_the_pane_and_has_its_length() -> None:
    assert window_start_ms(10 * HOUR_MS + PANE_MS, HOUR_MS) == 9 * HOUR_MS + PANE_MS
    assert window_start_ms(DAY_MS + PANE_MS, DAY_MS) == PANE_MS


def test_a_window_over_a_day_starts_at_a_full_hour() -> None:
    end = 9 * DAY_MS + PANE_MS
    assert window_start_ms(end, 7 * DAY_MS) == 2 * DAY_MS + HOUR_MS
    assert window_start_ms(9 * DAY_MS, 7 * DAY_MS) == 2 * DAY_MS


@pytest.mark.parametrize(
    "window_ms", [PANE_MS, HOUR_MS, DAY_MS, DAY_MS + HOUR_MS, DAY_MS + 30 * 60_000, 7 * DAY_MS]
)
@given(steps=st.lists(st.sampled_from([1, 1, 1, 2, 11, 13, 288, 289, 2_100]), max_size=60))
def test_the_running_sum_is_the_sum_of_the_panes_in_the_window(
    window_ms: int, steps: list[int]
) -> None:
    total, panes = TrailingSum(window_ms, 2), {}
    start = 0
    for i, step in enumerate(steps):
        start += step * PANE_MS
        panes[start] = np.array([1, 10**12 + i])
        total.push(start, start + PANE_MS, panes[start])
        first = window_start_ms(start + PANE_MS, window_ms)
        expected = sum((vector for at, vector in panes.items() if at >= first), np.zeros(2, int))
        assert total.total.tolist() == expected.tolist()


def test_a_long_window_keeps_hours_and_leaves_the_panes_alone() -> None:
    total, pane = TrailingSum(2 * DAY_MS, 1), np.array([1])
    for start in range(0, HOUR_MS, PANE_MS):
        total.push(start, start + PANE_MS, pane)
    assert total.total.tolist() == [12]
    assert pane.tolist() == [1]
