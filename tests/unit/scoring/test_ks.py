"""ks against scipy on the same bins, and on the values behind them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ks_2samp

from stream_drift.scoring.bridge import mean_distances
from stream_drift.scoring.counts import counts
from stream_drift.scoring.ks import ks


def test_d_is_scipys_where_values_lie_on_the_edges() -> None:
    rng = np.random.default_rng(2)
    live, reference = rng.binomial(30, 0.5, 400), rng.binomial(30, 0.45, 3000)
    score = ks(
        counts(np.bincount(live, minlength=31)), counts(np.bincount(reference, minlength=31))
    )
    assert score.raw == pytest.approx(ks_2samp(live, reference).statistic, rel=1e-12)


def test_the_p_value_is_near_scipys_exact_one() -> None:
    rng = np.random.default_rng(3)
    live, reference = rng.normal(0.1, 1, 500), rng.normal(0, 1, 1000)
    every = np.sort(np.concatenate([live, reference]))
    score = ks(
        counts(np.bincount(np.searchsorted(every, live), minlength=1500)),
        counts(np.bincount(np.searchsorted(every, reference), minlength=1500)),
    )
    expected = ks_2samp(live, reference, method="exact")
    assert score.raw == pytest.approx(expected.statistic, rel=1e-12)
    assert score.p_value == pytest.approx(expected.pvalue, rel=0.05)


def test_bins_only_make_it_smaller_and_its_p_value_greater() -> None:
    rng = np.random.default_rng(4)
    live, reference = rng.normal(0.1, 1, 500), rng.normal(0, 1, 1000)
    edges = [-np.inf, -1, 0, 1, np.inf]
    score = ks(counts(np.histogram(live, edges)[0]), counts(np.histogram(reference, edges)[0]))
    unbinned = ks_2samp(live, reference)
    assert score.p_value is not None
    assert score.raw <= unbinned.statistic
    assert score.p_value >= unbinned.pvalue


def test_the_value_is_less_the_null_mean_of_both_samples() -> None:
    score = ks(counts([10, 90]), counts([600, 400]))
    assert score.raw == pytest.approx(0.5)
    null_mean = math.sqrt(2 / math.pi * 0.6 * 0.4 * (1 / 100 + 1 / 1000))
    assert score.value == pytest.approx(0.5 - null_mean, rel=0.01)


LAWS = {
    "two values": [0.6, 0.4],
    "a rare value": [0.02, 0.98],
    "three": [1 / 3] * 3,
    "five": [0.5, 0.2, 0.1, 0.15, 0.05],
    "many zeros": [0.5, *[0.5 / 30] * 30],
    "twenty": [0.05] * 20,
    "a number's bins": [1e-4, 0.0099, *[0.98 / 60] * 60, 0.0099, 1e-4],
}


@pytest.mark.parametrize("shares", LAWS.values(), ids=LAWS)
def test_the_null_mean_is_what_samples_of_one_law_show(shares: list[float]) -> None:
    rng = np.random.default_rng(5)
    n, law = 20_000, np.array(shares)
    shown = rng.multinomial(n, law, size=8_000) / n - law
    distances = np.abs(shown.cumsum(axis=1)).max(axis=1) * math.sqrt(n)
    error = 4 * distances.std() / math.sqrt(len(distances))
    expected = mean_distances(law.cumsum())
    assert expected == pytest.approx(distances.mean(), rel=0.005, abs=error)


def test_the_null_mean_of_ever_more_values_comes_near_that_of_the_kolmogorov_law() -> None:
    continuous = math.sqrt(math.pi / 2) * math.log(2)
    many = mean_distances(np.arange(1, 1001) / 1000)
    assert 0.9 * continuous < many < continuous


def test_a_constant_has_no_null_mean() -> None:
    assert mean_distances(np.array([1.0, 1.0])) == 0
