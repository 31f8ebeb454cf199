"""wasserstein against scipy, and where values are winsorised."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from stream_drift.profiles.layout import NumberLayout
from stream_drift.scoring.counts import Counts, Floats, counts
from stream_drift.scoring.places import places
from stream_drift.scoring.wasserstein import wasserstein
from stream_drift.scoring.winsor import winsor_widths
from tests.unit.scoring.building import number

POINTS = 2000
"""Events per bin are laid out as so many points, to be compared with scipy."""


def laid_out(histogram: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Points spread evenly over the inner bins, and their weights."""
    inside = (np.arange(POINTS) + 0.5) / POINTS
    points = edges[:-1, None] + inside * np.diff(edges)[:, None]
    return points.ravel(), np.repeat(histogram / POINTS, POINTS)


def binned(values: Floats, part: NumberLayout) -> Counts:
    places_of = np.searchsorted(part.edges, values, side="right")
    return counts([np.bincount(places_of, minlength=part.n_bins)])


@pytest.mark.parametrize("seed", range(5))
def test_it_is_scipys_for_events_spread_evenly_over_bins(seed: int) -> None:
    rng = np.random.default_rng(seed)
    edges = np.cumsum(rng.random(8))
    live, reference = rng.integers(0, 90, (2, 7)).astype(float)
    points, weights = laid_out(live, edges)
    reference_points, reference_weights = laid_out(reference, edges)
    expected = wasserstein_distance(points, reference_points, weights, reference_weights)
    found = wasserstein(
        counts(np.pad(live, 1)), counts(np.pad(reference, 1)), np.pad(np.diff(edges), 1)
    )
    assert found.raw == pytest.approx(expected, rel=1e-3)


def test_lines_that_cross_within_a_bin_do_not_cancel() -> None:
    live, reference = counts([2, 1, 1]), counts([1, 3, 0])
    found = wasserstein(live, reference, np.array([0.0, 1.0, 0.0]))
    expected = (0.25**2 + 0.25**2) / (2 * 0.5)
    assert found.raw == pytest.approx(expected)


def test_point_masses_are_moved_over_the_gap_between_them() -> None:
    edges = (0.0, np.nextafter(0.0, 1), 2.0, np.nextafter(2.0, 3))
    layout = NumberLayout("x", edges, (0, 1, 2, 3, 4), centre=1.0, unit=1.0)
    where = places([layout])
    reference = counts([[0, 500, 0, 500, 0]])
    live = counts([[0, 250, 0, 750, 0]])
    found = wasserstein(live, reference, winsor_widths(reference, where))
    assert found.raw == pytest.approx([0.25 * 2.0])


@pytest.mark.parametrize("sample", ["normal", "lognormal", "rounded", "constant"])
def test_values_are_winsorised_at_the_quantiles_of_the_reference(sample: str) -> None:
    rng = np.random.default_rng(6)
    values = {
        "normal": rng.normal(50, 7, 4321),
        "lognormal": rng.lognormal(0, 2, 4321),
        "rounded": rng.normal(0, 3, 4321).round(),
        "constant": np.full(4321, 3.5),
    }[sample]
    part = number("x", values)
    where = places([part])
    widths = winsor_widths(binned(values, part), where)
    low, high = np.quantile(values, [0.001, 0.999], method="inverted_cdf")
    assert widths.sum() == pytest.approx((high - low) / part.unit, abs=1e-9)


def test_without_a_quantile_on_an_edge_the_next_edge_below_limits() -> None:
    layout = NumberLayout("x", (0.0, 1.0, 2.0, 3.0), (0, 1, 2, 3, 4), centre=0.0, unit=1.0)
    where = places([layout])
    widths = winsor_widths(counts([[10, 0, 80, 10, 0]]), where)
    assert widths.tolist() == [[0, 1, 1, 0, 0]]


def test_exactly_one_per_mille_below_an_edge_does_not_make_it_the_limit() -> None:
    layout = NumberLayout("x", (0.0, 1.0, 2.0, 3.0), (0, 1, 2, 3, 4), centre=0.0, unit=1.0)
    widths = winsor_widths(counts([[0, 1, 998, 1, 0]]), places([layout]))
    assert widths.tolist() == [[0, 1, 0, 0, 0]]


def test_an_empty_reference_has_no_limits_and_no_score() -> None:
    layout = NumberLayout("x", (0.0, 1.0), (0, 1, 2), centre=0.0, unit=1.0)
    empty = counts([[0, 0, 0]])
    widths = winsor_widths(empty, places([layout]))
    assert np.isnan(wasserstein(counts([[1, 2, 3]]), empty, widths).value).all()


def test_shifted_values_score_as_scipy_scores_the_values_themselves() -> None:
    rng = np.random.default_rng(7)
    reference, live = rng.normal(10, 4, 20_000), rng.normal(12, 4.5, 5000)
    part = number("x", reference)
    counted = binned(reference, part)
    widths = winsor_widths(counted, places([part]))
    limits = np.quantile(reference, [0.001, 0.999], method="inverted_cdf")
    expected = wasserstein_distance(live.clip(*limits), reference.clip(*limits)) / reference.std()
    assert wasserstein(binned(live, part), counted, widths).raw == pytest.approx(expected, rel=0.01)


def test_the_null_mean_of_a_normal_feature_is_1_29_root_s() -> None:
    rng = np.random.default_rng(8)
    values = rng.normal(0, 1, 50_000)
    part = number("x", values)
    counted = binned(values, part)
    score = wasserstein(counted, counted, winsor_widths(counted, places([part])))
    assert score.value == 0
    live = binned(rng.normal(3, 1, 50_000), part)
    far = wasserstein(live, counted, winsor_widths(counted, places([part])))
    pooled_spread = (far.raw - far.value) / np.sqrt(2 / np.pi * 2 / 50_000)
    assert pooled_spread == pytest.approx([2.05], rel=0.05)
