"""Intervals of the domain classifier; `benchmarks.classifier` runs the large form."""

from __future__ import annotations

import pytest

from benchmarks.classifier import Case, runs


@pytest.mark.parametrize("shift", [0.0, 0.25])
def test_intervals_cover_the_area_of_the_best_linear_rule(shift: float) -> None:
    covered = [run.covers for run in runs(Case(20, 2_000, shift), 40, seed=100)]
    assert sum(covered) >= 35
