"""Laws of the scores that compare two histograms, and their agreement with scipy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from stream_drift.scoring.counts import Counts, Floats, Score, counts
from stream_drift.scoring.hellinger import hellinger
from stream_drift.scoring.js import js
from stream_drift.scoring.kl import kl
from stream_drift.scoring.ks import ks
from stream_drift.scoring.psi import psi
from stream_drift.scoring.table import HISTOGRAM_SCORES

Statistic = Callable[[Counts, Counts], Score]
STATISTICS: dict[str, Statistic] = {**HISTOGRAM_SCORES, "ks": ks}
SMOOTHED = ("psi", "kl", "hellinger", "js")
SYMMETRIC = ("psi", "hellinger", "js", "chi2", "cramers_v", "ks")
IN_UNIT_RANGE = ("hellinger", "js", "cramers_v", "ks")

histograms = st.integers(1, 8).flatmap(
    lambda n: arrays(np.float64, (2, 3, n), elements=st.integers(0, 2000).map(float))
)


def fields(score: Score) -> list[Floats]:
    found = (score.raw, score.value, score.low, score.high, score.p_value)
    return [field for field in found if field is not None]


def shares(histogram: Floats) -> Floats:
    smoothed = histogram + 0.5
    return np.asarray(smoothed / smoothed.sum(axis=-1, keepdims=True))


@pytest.fixture
def pair() -> tuple[Floats, Floats]:
    rng = np.random.default_rng(1)
    live, reference = rng.dirichlet(np.ones(12), 2)
    return (
        rng.multinomial(700, live, 5).astype(float),
        rng.multinomial(9000, reference, 5).astype(float),
    )


def test_kl_is_scipys_relative_entropy_of_live_from_reference(pair: tuple[Floats, Floats]) -> None:
    live, reference = pair
    expected = entropy(shares(live), shares(reference), axis=-1)
    assert kl(counts(live), counts(reference)).raw == pytest.approx(expected, rel=1e-12)


def test_psi_is_the_sum_of_both_relative_entropies(pair: tuple[Floats, Floats]) -> None:
    q, p = shares(pair[0]), shares(pair[1])
    expected = entropy(q, p, axis=-1) + entropy(p, q, axis=-1)
    assert psi(counts(pair[0]), counts(pair[1])).raw == pytest.approx(expected, rel=1e-12)


def test_js_is_scipys_distance_in_base_two(pair: tuple[Floats, Floats]) -> None:
    expected = jensenshannon(shares(pair[0]), shares(pair[1]), base=2, axis=-1)
    assert js(counts(pair[0]), counts(pair[1])).raw == pytest.approx(expected, rel=1e-12)


def test_hellinger_is_the_root_of_what_the_bhattacharyya_coefficient_lacks_of_one(
    pair: tuple[Floats, Floats],
) -> None:
    coefficient = np.sqrt(shares(pair[0]) * shares(pair[1])).sum(axis=-1)
    score = hellinger(counts(pair[0]), counts(pair[1]))
    assert score.raw == pytest.approx(np.sqrt(1 - coefficient), rel=1e-12)


def test_values_are_raw_less_the_null_mean_of_both_samples(pair: tuple[Floats, Floats]) -> None:
    live, reference = counts(pair[0]), counts(pair[1])
    null = 11 * (1 / 700 + 1 / 9000)
    found = {name: STATISTICS[name](live, reference) for name in SMOOTHED}
    assert found["psi"].value == pytest.approx(found["psi"].raw - null)
    assert found["kl"].value == pytest.approx(found["kl"].raw - null / 2)
    squared = found["hellinger"].raw ** 2 - null / 8
    assert found["hellinger"].value ** 2 == pytest.approx(squared)
    bits = found["js"].raw ** 2 - null / 8 / np.log(2)
    assert found["js"].value ** 2 == pytest.approx(bits)


@pytest.mark.parametrize("name", STATISTICS)
@given(tables=histograms)
def test_no_score_is_negative_and_debiasing_never_adds(name: str, tables: Floats) -> None:
    score = STATISTICS[name](counts(tables[0]), counts(tables[1]))
    defined = (tables.sum(axis=-1) > 0).all(axis=0)
    assert (np.isfinite(score.value) == defined).all()
    assert (score.value[defined] >= 0).all()
    assert (score.raw[defined] >= -1e-12).all()
    if name != "cramers_v":  # Bergsma's correction also shrinks what it divides by
        assert (score.value[defined] <= np.maximum(score.raw[defined], 0)).all()


@pytest.mark.parametrize("name", IN_UNIT_RANGE)
@given(tables=histograms)
def test_distances_stay_at_or_below_one(name: str, tables: Floats) -> None:
    score = STATISTICS[name](counts(tables[0]), counts(tables[1]))
    assert not (np.array([score.value, score.raw]) > 1 + 1e-12).any()


@pytest.mark.parametrize("name", STATISTICS)
@given(tables=histograms)
def test_padding_is_invisible_whatever_it_holds(name: str, tables: Floats) -> None:
    valid = np.arange(tables.shape[-1] + 3) < tables.shape[-1]
    wide = np.pad(tables, ((0, 0), (0, 0), (0, 3)), constant_values=777.0)
    padded = [Counts(table, np.broadcast_to(valid, table.shape)) for table in wide]
    found = STATISTICS[name](*padded)
    plain = STATISTICS[name](counts(tables[0]), counts(tables[1]))
    for mine, expected in zip(fields(found), fields(plain), strict=True):
        np.testing.assert_allclose(mine, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", STATISTICS)
@given(tables=histograms)
def test_many_features_at_once_are_scored_as_one_by_one(name: str, tables: Floats) -> None:
    together = STATISTICS[name](counts(tables[0]), counts(tables[1]))
    for row in range(tables.shape[1]):
        alone = STATISTICS[name](counts(tables[0, row]), counts(tables[1, row]))
        for mine, expected in zip(fields(together), fields(alone), strict=True):
            np.testing.assert_allclose(mine[row], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", SYMMETRIC)
@given(tables=histograms)
def test_symmetric_scores_do_not_care_which_sample_is_live(name: str, tables: Floats) -> None:
    there = STATISTICS[name](counts(tables[0]), counts(tables[1]))
    back = STATISTICS[name](counts(tables[1]), counts(tables[0]))
    np.testing.assert_allclose(there.raw, back.raw, rtol=1e-9, atol=1e-12)


def test_kl_has_a_direction() -> None:
    live, reference = counts([900, 100]), counts([500, 500])
    assert kl(live, reference).raw != pytest.approx(kl(reference, live).raw)


@pytest.mark.parametrize("name", STATISTICS)
def test_identical_histograms_score_zero(name: str) -> None:
    same = counts([[5, 0, 200, 17], [1, 1, 1, 1]])
    score = STATISTICS[name](same, same)
    assert score.raw == pytest.approx([0, 0], abs=1e-12)
    assert score.value.tolist() == [0, 0]


@pytest.mark.parametrize("name", STATISTICS)
def test_one_bin_has_nothing_to_compare(name: str) -> None:
    score = STATISTICS[name](counts([[30]]), counts([[4000]]))
    assert score.raw.tolist() == [0]
    assert score.value.tolist() == [0]


@pytest.mark.parametrize("name", STATISTICS)
@pytest.mark.parametrize("live_is_empty", [True, False])
def test_an_empty_sample_has_no_score(name: str, live_is_empty: bool) -> None:  # noqa: FBT001 - a parameter of the test
    tables = [counts([[0, 0, 0]]), counts([[3, 4, 5]])]
    found = STATISTICS[name](*(tables if live_is_empty else tables[::-1]))
    assert all(np.isnan(field).all() for field in fields(found))


def test_js_of_shares_that_differ_in_their_last_digit_is_no_root_of_a_negative_number() -> None:
    score = js(counts([288_520_601, 577_041_202]), counts([288_520_622, 577_041_245]))
    assert score.raw == score.value == 0


@pytest.mark.parametrize("name", SMOOTHED)
def test_a_bin_that_only_one_sample_fills_stays_finite(name: str) -> None:
    score = STATISTICS[name](counts([0, 100]), counts([100, 0]))
    assert 0.8 < score.value < np.inf
