"""chi2 and Cramér's V against scipy, and how sparse columns are pooled."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency
from scipy.stats.contingency import association, expected_freq

from stream_drift.scoring.chi2 import chi2
from stream_drift.scoring.contingency import contingency
from stream_drift.scoring.counts import counts
from stream_drift.scoring.cramers_v import cramers_v

LIVE = [40, 55, 61, 94]
REFERENCE = [400, 500, 600, 500]


def test_chi2_is_scipys_where_nothing_is_sparse() -> None:
    expected = chi2_contingency([LIVE, REFERENCE], correction=False)
    score = chi2(counts(LIVE), counts(REFERENCE))
    assert score.raw == pytest.approx(expected.statistic, rel=1e-12)
    assert score.p_value == pytest.approx(expected.pvalue, rel=1e-12)
    assert score.value == pytest.approx(expected.statistic - 3)


def test_sparse_columns_become_one() -> None:
    live, reference = [40, 55, 3, 4, 2], [400, 500, 30, 20, 40]
    pooled = chi2_contingency([[40, 55, 9], [400, 500, 90]], correction=False)
    score = chi2(counts(live), counts(reference))
    assert score.raw == pytest.approx(pooled.statistic, rel=1e-12)
    assert score.p_value == pytest.approx(pooled.pvalue, rel=1e-12)


def test_a_pool_that_is_still_sparse_is_judged_as_if_it_expected_five() -> None:
    table = np.array([[60, 21, 70, 9], [900, 300, 1000, 30]])
    expected = expected_freq(table)
    assert expected.min(axis=0)[3] < 5 < expected.min(axis=0)[:3].min()
    statistic = ((table - expected) ** 2 / np.maximum(expected, 5)).sum()
    score = chi2(counts(table[0]), counts(table[1]))
    assert score.raw == pytest.approx(statistic, rel=1e-12)
    assert score.raw < chi2_contingency(table, correction=False).statistic


def test_one_event_of_a_new_category_does_not_decide_the_test() -> None:
    score = chi2(counts([500, 499, 1]), counts([50_000, 50_000, 0]))
    assert score.p_value is not None
    assert score.p_value > 0.5


def test_many_events_of_a_new_category_do() -> None:
    score = chi2(counts([450, 450, 100]), counts([50_000, 50_000, 0]))
    assert score.p_value is not None
    assert score.p_value < 1e-100


def test_empty_columns_are_none() -> None:
    with_empty = contingency(counts([30, 0, 40]), counts([35, 0, 30]))
    without = contingency(counts([30, 40]), counts([35, 30]))
    assert with_empty.n_columns == without.n_columns == 2
    assert with_empty.statistic == pytest.approx(without.statistic)


@pytest.mark.parametrize(
    ("live", "reference"),
    [([100, 0], [5000, 0]), ([1, 0], [0, 1]), ([1, 1, 1], [1, 1, 1])],
    ids=["constant", "one row each", "all columns sparse"],
)
def test_one_column_left_cannot_differ(live: list[int], reference: list[int]) -> None:
    score = chi2(counts(live), counts(reference))
    assert score.p_value == 1
    assert score.raw == score.value == 0
    v = cramers_v(counts(live), counts(reference))
    assert v.raw == v.value == 0


def test_raw_v_is_scipys() -> None:
    expected = association(np.array([LIVE, REFERENCE]), method="cramer")
    score = cramers_v(counts(LIVE), counts(REFERENCE))
    assert score.raw == pytest.approx(expected, rel=1e-12)


def test_v_is_corrected_as_bergsma_writes() -> None:
    n, rows, columns = sum(LIVE) + sum(REFERENCE), 2, len(LIVE)
    phi2 = chi2_contingency([LIVE, REFERENCE], correction=False).statistic / n
    phi2 = max(0.0, phi2 - (rows - 1) * (columns - 1) / (n - 1))
    rows_left = rows - (rows - 1) ** 2 / (n - 1)
    columns_left = columns - (columns - 1) ** 2 / (n - 1)
    expected = np.sqrt(phi2 / min(rows_left - 1, columns_left - 1))
    assert cramers_v(counts(LIVE), counts(REFERENCE)).value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [93, 500])
def test_full_separation_of_equal_samples_has_v_one_and_no_more(n: int) -> None:
    score = cramers_v(counts([n, 0]), counts([0, n]))
    assert 1 - 1e-12 < score.raw <= 1
    assert 1 - 1e-12 < score.value <= 1
