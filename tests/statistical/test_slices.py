"""Planted segments are named first, and nothing is invented; the full form: benchmarks slices."""

from __future__ import annotations

import pytest

from benchmarks.slices import N_RUNS, other, segment

SHORT = 24


def test_planted_segments_are_named_first() -> None:
    assert sum(map(segment, range(SHORT))) >= SHORT - 2


def test_no_segment_is_invented() -> None:
    assert sum(map(other, range(SHORT))) >= SHORT - 2


@pytest.mark.long
def test_both_hold_in_95_of_100_simulations() -> None:
    assert sum(map(segment, range(N_RUNS))) >= 0.95 * N_RUNS
    assert sum(map(other, range(N_RUNS))) >= 0.95 * N_RUNS
