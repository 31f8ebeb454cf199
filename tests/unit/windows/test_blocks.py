from __future__ import annotations

import numpy as np
import pytest

from stream_drift.windows.blocks import (
    MAX_BLOCK_OFFSETS,
    MAX_BLOCK_PANES,
    SLOT_MS,
    events_before_full,
    rows_before_cut,
)


def rows(
    offsets: list[int], times_ms: list[int], block_start: int = 0, greatest_ms: int | None = 0
) -> int:
    return rows_before_cut(np.array(offsets), np.array(times_ms), block_start, greatest_ms)


def test_a_block_ends_when_time_enters_another_slot() -> None:
    assert rows([0, 1, 2, 3], [0, SLOT_MS - 1, SLOT_MS, SLOT_MS]) == 2


def test_a_record_stamped_earlier_ends_nothing() -> None:
    assert rows([0, 1], [5 * SLOT_MS - 1, 7], greatest_ms=5 * SLOT_MS - 2) == 2
    assert rows([0, 1], [7, 5 * SLOT_MS], greatest_ms=5 * SLOT_MS - 2) == 1


def test_the_first_record_says_which_slot_the_block_is_in() -> None:
    assert rows([0, 1, 2], [9 * SLOT_MS, 0, 10 * SLOT_MS], greatest_ms=None) == 2


def test_a_block_ends_after_so_many_offsets_whether_they_hold_records_or_not() -> None:
    last = MAX_BLOCK_OFFSETS - 1
    assert rows([5, 5 + last, 6 + last], [0, 0, 0], block_start=5) == 2


def test_a_block_that_begins_in_a_hole_has_one_record_all_the_same() -> None:
    assert rows([MAX_BLOCK_OFFSETS, MAX_BLOCK_OFFSETS + 1], [0, 0], greatest_ms=None) == 1


@pytest.mark.parametrize("n_open", [0, 1, MAX_BLOCK_PANES - 1, MAX_BLOCK_PANES])
def test_a_block_is_full_before_its_65th_pane(n_open: int) -> None:
    starts = np.array([0, 100, 0, *range(101, 200), 100])
    fits = events_before_full(starts, {-1 - i for i in range(n_open)})
    room = MAX_BLOCK_PANES - n_open
    assert fits == (0 if room == 0 else 1 if room == 1 else 1 + room)


def test_panes_that_are_open_already_need_no_room() -> None:
    panes = set(range(MAX_BLOCK_PANES))
    assert events_before_full(np.array([3, 5, 3]), panes) == 3
    assert events_before_full(np.array([3, 64, 3]), panes) == 1
    assert events_before_full(np.array([], np.int64), panes) == 0
