"""mean_shift, variance_ratio and what they are made from, against scipy and numpy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy import stats

from stream_drift.profiles.layout import GRID_PER_SD, Layout, NumberLayout
from stream_drift.scoring.bins import fine_bins
from stream_drift.scoring.counts import Floats
from stream_drift.scoring.kurtosis import kurtosis
from stream_drift.scoring.mean_shift import mean_shift
from stream_drift.scoring.moments import Moments, exact_mean, exact_variance, moments
from stream_drift.scoring.places import places
from stream_drift.scoring.variance_ratio import variance_ratio
from tests.unit.scoring.building import PANE_MS, one_number, profile

RNG = np.random.default_rng(11)
SAMPLES = {
    "normal": RNG.normal(5, 2, 20_000),
    "uniform": RNG.random(20_000),
    "exponential": RNG.exponential(3, 20_000),
    "student": RNG.standard_t(8, 20_000),
    "zero-inflated": np.where(RNG.random(20_000) < 0.6, 0, RNG.exponential(size=20_000)),
}


def of(n: float, mean: float, variance: float, shape: float = 3.0) -> Moments:
    return Moments(*np.array([n, mean, variance, shape]))


def of_values(values: ArrayLike) -> Moments:
    array = np.asarray(values, dtype=np.float64)
    shape = float(stats.kurtosis(array, fisher=False))
    return of(len(array), array.mean(), array.var(ddof=1), shape)


def found_in(values: Floats, layout: Layout) -> Moments:
    counted = profile(layout, {"x": values})
    return moments(counted, fine_bins(layout).counts(counted), places(layout.numbers))


def test_mean_shift_has_the_interval_of_welchs_test() -> None:
    live, reference = RNG.normal(0.3, 2, 25), RNG.normal(0, 1, 300)
    interval = stats.ttest_ind(live, reference, equal_var=False).confidence_interval()
    score = mean_shift(of_values(live), of_values(reference), np.array(1.5))
    assert score.value == pytest.approx((live.mean() - reference.mean()) / 1.5)
    assert score.low == pytest.approx(interval.low / 1.5)
    assert score.high == pytest.approx(interval.high / 1.5)


def test_a_shift_between_constants_is_certain() -> None:
    score = mean_shift(of(30, 4, 0), of(50, 1, 0), np.array(3.0))
    assert score.low == score.value == score.high == 1


def test_swapping_the_samples_turns_the_shift_around() -> None:
    there = mean_shift(of(30, 4, 2), of(50, 1, 3), np.array(1.0))
    back = mean_shift(of(50, 1, 3), of(30, 4, 2), np.array(1.0))
    assert there.low is not None
    assert back.high is not None
    assert there.value == -back.value
    assert there.low == -back.high


def test_variance_ratio_of_one_sample_with_itself_is_one() -> None:
    score = variance_ratio(of(40, 0, 2), of(40, 0, 2))
    assert score.value == 1
    assert score.low is not None
    assert score.high is not None
    assert score.low < 1 < score.high


def test_on_normal_data_its_interval_is_nearly_that_of_the_f_law() -> None:
    score = variance_ratio(of(400, 0, 3), of(900, 0, 2))
    expected = 1.5 / stats.f.ppf([0.975, 0.025], 399, 899)
    assert score.low == pytest.approx(expected[0], rel=0.01)
    assert score.high == pytest.approx(expected[1], rel=0.01)


def test_its_interval_is_even_in_the_log_and_as_bonett_writes() -> None:
    score = variance_ratio(of(25, 0, 3), of(30, 0, 2))
    margin = stats.norm.ppf(0.975) * np.sqrt((3 - 22 / 24) / 24 + (3 - 27 / 29) / 29)
    assert score.low == pytest.approx(1.5 * np.exp(-margin))
    assert score.high == pytest.approx(1.5 * np.exp(margin))


def test_heavier_tails_in_either_sample_widen_the_interval_of_both() -> None:
    light = variance_ratio(of(400, 0, 3), of(900, 0, 2))
    for live, reference in ((9.0, 3.0), (3.0, 9.0)):
        heavy = variance_ratio(of(400, 0, 3, live), of(900, 0, 2, reference))
        assert heavy.low is not None
        assert light.low is not None
        assert heavy.low < light.low


@pytest.mark.parametrize("reference_variance", [0.0, np.nan])
def test_a_constant_reference_has_no_variance_ratio(reference_variance: float) -> None:
    score = variance_ratio(of(40, 0, 2), of(40, 0, reference_variance, np.nan))
    assert np.isnan(score.value)


def test_a_constant_window_has_the_ratio_zero_and_no_interval() -> None:
    score = variance_ratio(of(40, 0, 0, np.nan), of(40, 0, 2))
    assert score.value == 0
    assert score.low is not None
    assert score.high is not None
    assert np.isnan(score.low)
    assert np.isnan(score.high)


def test_a_hopeless_interval_has_no_end_instead_of_an_overflow() -> None:
    score = variance_ratio(of(20, 0, 1), of(10**7, 0, 1, 1e7))
    assert score.low == 0
    assert score.high == np.inf


@pytest.mark.parametrize("name", SAMPLES)
def test_moments_of_a_profile_are_those_of_its_values(name: str) -> None:
    values = SAMPLES[name]
    layout = one_number(values)
    found, part = found_in(values[:5000], layout), layout.numbers[0]
    mean, variance = part.centre + part.unit * found.mean, part.unit**2 * found.variance
    assert mean == pytest.approx([values[:5000].mean()], abs=1e-5 * part.unit)
    assert variance == pytest.approx([values[:5000].var(ddof=1)], rel=1e-4)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_kurtosis_from_bins_is_near_that_of_the_values_and_errs_upwards(name: str) -> None:
    values = SAMPLES[name]
    expected = stats.kurtosis(values, fisher=False)
    found = found_in(values, one_number(values)).kurtosis
    assert 0.97 * expected < found < 1.4 * expected


def test_a_constant_has_the_variance_zero_exactly_wherever_it_lies() -> None:
    part = NumberLayout("x", (0.0, 1.0), (0, 1, 2), centre=0.1, unit=0.3)
    layout = Layout((part,), (), PANE_MS)
    assert exact_variance(profile(layout, {"x": np.full(1000, 77.7)})).tolist() == [0]


def test_sums_beyond_the_precision_of_floats_keep_their_variance() -> None:
    part = NumberLayout("x", (0.0, 1.0), (0, 1, 2), centre=0.0, unit=1.0)
    layout = Layout((part,), (), PANE_MS)
    counted = profile(layout, {"x": 100 + np.tile([-1.0, 1.0], 500) / GRID_PER_SD})
    counted.additive *= 10**9
    assert exact_variance(counted) * GRID_PER_SD**2 == pytest.approx([1.0], rel=1e-9)


def test_no_value_has_no_mean_and_one_value_no_variance() -> None:
    layout = one_number(np.arange(100.0))
    assert np.isnan(exact_mean(profile(layout, {"x": np.array([])}))).all()
    one = profile(layout, {"x": np.array([3.0])})
    assert np.isfinite(exact_mean(one)).all()
    assert np.isnan(exact_variance(one)).all()


def test_values_out_of_range_take_the_place_that_the_variance_tells() -> None:
    reference = SAMPLES["uniform"]
    values = np.concatenate([reference[:900], np.full(100, 4.0)])
    expected = stats.kurtosis(values, fisher=False)
    assert found_in(values, one_number(reference)).kurtosis == pytest.approx([expected], rel=0.02)


def test_one_bin_filled_evenly_has_the_kurtosis_of_a_uniform_law() -> None:
    layout = Layout((NumberLayout("x", (0.0, 1.0), (0, 1, 2), 0.2, 1.0),), (), PANE_MS)
    values = (np.arange(2000) + 0.5) / 2000
    assert found_in(values, layout).kurtosis == pytest.approx([1.8], rel=2e-3)


def test_values_closer_than_their_bin_is_wide_cannot_have_a_kurtosis_above_n() -> None:
    layout = NumberLayout("x", (0.0, 1.0), (0, 1, 2), centre=0.5, unit=1.0)
    values = 0.5 + np.tile([-1e-3, 1e-3], 20)
    assert found_in(values, Layout((layout,), (), PANE_MS)).kurtosis == 40


def test_a_constant_has_no_kurtosis() -> None:
    layout = one_number(SAMPLES["normal"])
    counted = profile(layout, {"x": np.full(50, 5.0)})
    fine = fine_bins(layout).counts(counted)
    found = kurtosis(fine, np.zeros(1), np.zeros(1), places(layout.numbers))
    assert np.isnan(found).all()


def test_edges_at_the_end_of_floats_lie_where_values_are_winsorised() -> None:
    part = NumberLayout("x", (-1.7e308, 1.7e308), (0, 1, 2), centre=1e307, unit=1.0)
    found = places([part])
    assert found.left.tolist() == [[-128, -128, 128]]
    assert found.right.tolist() == [[-128, 128, 128]]
    assert found.outer.tolist() == [[True, False, True]]
