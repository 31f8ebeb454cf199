"""Pane e-values have expectation at most 1, and evidence adds up as it says."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from stream_drift.detection.bets import SIZES, log_bets, temper
from stream_drift.detection.evidence import Evidence
from stream_drift.detection.legendre import shapes

Array = NDArray[np.float64]
ROUNDING = 1e-9


def all_counts(n: int, bins: int) -> Array:
    """Every way of putting n events into bins."""
    bars = itertools.combinations(range(n + bins - 1), bins - 1)
    rows = [np.diff([-1, *bar, n + bins - 1]) - 1 for bar in bars]
    return np.array(rows, np.float64)


def multinomial(counts: Array, shares: Array) -> Array:
    ways = [math.factorial(int(row.sum())) for row in counts]
    per_bin = [math.prod(math.factorial(int(c)) for c in row) for row in counts]
    return np.asarray(np.array(ways) / np.array(per_bin) * np.prod(shares**counts, axis=1))


@st.composite
def skewed_shares(draw: st.DrawFn) -> Array:
    logs = draw(st.lists(st.floats(-7, 0), min_size=2, max_size=5))
    shares = np.exp(logs)
    return np.asarray(shares / shares.sum())


def expectations(shares: Array, phi: Array, tolerance: float, n: int, design: float) -> Array:
    """Expected e-value of every bet on ``phi`` when events come from ``shares``."""
    counts = all_counts(n, len(shares))
    excess = np.tile(phi, (len(counts), 1, 1))
    low, high = excess.min(axis=2), excess.max(axis=2)
    logs = log_bets(counts, excess, low, high, np.full((len(counts), 1, 1), tolerance))[:, 0]
    each = np.full(len(counts), design)
    values = np.exp(temper(logs, each, np.full(len(counts), float(n))))
    return np.tensordot(multinomial(counts, shares), values, axes=1)


@given(skewed_shares(), st.integers(1, 6), st.sampled_from([1.0, 1.7, 5.0]))
def test_no_bet_gains_on_average_while_the_mean_is_as_predicted(
    shares: Array, n: int, design: float
) -> None:
    for phi in shapes(shares):
        assert expectations(shares, phi, 0.0, n, design).max() <= 1 + ROUNDING


@given(skewed_shares(), skewed_shares(), st.integers(1, 6))
def test_no_bet_gains_on_average_while_the_mean_is_within_the_tolerance(
    reference: Array, live: Array, n: int
) -> None:
    bins = min(len(reference), len(live))
    phi = np.arange(bins, dtype=float)[None] - 1.0
    live = live[:bins] / live[:bins].sum()
    tolerance = float(abs(phi @ live)[0])
    assert expectations(live, phi, tolerance, n, 1.0).max() <= 1 + ROUNDING


@given(st.floats(1e-4, 0.5), st.integers(1, 40))
def test_rates_up_to_the_expected_one_gain_nothing_however_rare(rate: float, n: int) -> None:
    sd = math.sqrt(rate * (1 - rate))
    phi = np.array([[-rate / sd, (1 - rate) / sd]])
    for true_rate in (rate, rate / 3):
        up = expectations(np.array([1 - true_rate, true_rate]), phi, 0.0, n, 1.0)[:, 0]
        assert up.max() <= 1 + ROUNDING


pane_logs = st.lists(st.floats(-4, 6), min_size=1, max_size=7)


@given(pane_logs)
def test_evidence_is_the_sum_over_all_starts_of_what_was_won_since(logs: list[float]) -> None:
    evidence = gather(logs)
    starts = [math.exp(sum(logs[i:])) for i in range(len(logs))]
    assert math.isclose(float(evidence.mixed[0, 0, 0]), sum(starts), rel_tol=1e-4)


@given(pane_logs)
def test_bereft_evidence_is_what_remains_without_the_best_pane(logs: list[float]) -> None:
    evidence = gather(logs)
    without = []
    for left_out in range(len(logs) + 1):  # the last: none, where every pane lost
        kept = [0.0 if i == left_out else log for i, log in enumerate(logs)]
        without.append(sum(math.exp(sum(kept[i:])) for i in range(len(kept))))
    assert math.isclose(float(evidence.bereft[0, 0, 0]), min(without), rel_tol=1e-4)


def gather(logs: list[float]) -> Evidence:
    evidence = Evidence.start(1, 0)
    for i, log in enumerate(logs):
        pane = np.full((1, 2, 2, len(SIZES)), log)
        evidence.add(pane, np.array([True]), np.ones((1, 3)), end_ms=i)
    return evidence
