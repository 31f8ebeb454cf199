"""The interval of psi against scipy's noncentral chi-squared law."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ncx2

from stream_drift.scoring.counts import counts
from stream_drift.scoring.noncentral import EXACT_UP_TO, noncentrality, noncentrality_interval
from stream_drift.scoring.psi import psi


@pytest.mark.parametrize("freedom", [1.0, 3.0, 21.0, 100.0])
@pytest.mark.parametrize("times", [2.0, 3.0, 8.0, 50.0, 1000.0])
def test_the_ends_put_the_observation_at_their_quantiles(freedom: float, times: float) -> None:
    x = freedom * times + 10
    low, high = noncentrality_interval(np.array(x), np.array(freedom))
    tolerance = 1e-6 if x <= EXACT_UP_TO else 2e-4
    assert ncx2.cdf(x, freedom, high) == pytest.approx(0.025, abs=tolerance)
    if low > 0:
        assert ncx2.cdf(x, freedom, low) == pytest.approx(0.975, abs=tolerance)


def test_an_observation_that_is_small_even_for_no_change_has_the_interval_zero() -> None:
    low, high = noncentrality_interval(np.array([0.1, 21.0]), np.array([21.0, 21.0]))
    assert high[0] == 0
    assert low.tolist() == [0, 0]
    assert high[1] > 0


def test_both_inversions_agree_where_one_takes_over() -> None:
    x = np.array([EXACT_UP_TO, EXACT_UP_TO * (1 + 1e-9)])
    for freedom in (3.0, 21.0, 120.0):
        for below in (0.025, 0.975):
            exact, far = noncentrality(x, np.full(2, freedom), below)
            assert far == pytest.approx(exact, rel=2e-3)


def test_undefined_and_without_freedom_are_passed_through() -> None:
    found = noncentrality(np.array([np.nan, 0.0]), np.array([3.0, 0.0]), 0.025)
    assert np.isnan(found[0])
    assert found[1] == 0


def test_the_interval_of_psi_holds_its_value_and_narrows_with_the_samples() -> None:
    share = np.array([0.3, 0.4, 0.3]), np.array([0.4, 0.4, 0.2])
    widths = []
    for n in (100, 1000, 10_000, 1_000_000):
        score = psi(counts(n * share[0]), counts(3 * n * share[1]))
        assert score.low is not None
        assert score.high is not None
        assert score.low <= score.value <= score.high
        widths.append(float(score.high - score.low))
    assert widths == sorted(widths, reverse=True)
