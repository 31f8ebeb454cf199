from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_drift.profiles.layout import NumberLayout
from stream_drift.reference.edges import LARGEST, TAIL_LEVELS, number_layout

NORMAL = np.random.default_rng(3).normal(10, 2, 100_000)


def counts(layout: NumberLayout, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[int]:
    bins = np.searchsorted(layout.edges, values, side="right")
    found: list[int] = np.bincount(bins, minlength=layout.n_bins).tolist()
    return found


def test_a_smooth_feature_has_sixty_bins_three_to_each_of_twenty_coarse_ones() -> None:
    layout = number_layout("x", NORMAL)
    per_coarse = Counter(layout.coarse)
    assert layout.n_bins == 62
    assert [per_coarse[i] for i in range(22)] == [1, *[3] * 20, 1]


def test_coarse_bins_hold_equal_shares() -> None:
    layout = number_layout("x", NORMAL)
    held = np.bincount(layout.coarse, weights=counts(layout, NORMAL))
    assert held[[0, -1]].tolist() == [0, 0]
    assert np.abs(held[1:-1] / len(NORMAL) - 0.05).max() < 1e-4


def test_the_tails_are_edges() -> None:
    levels = np.quantile(NORMAL, TAIL_LEVELS, method="inverted_cdf")
    assert set(levels.tolist()) <= set(number_layout("x", NORMAL).edges)


def test_nothing_of_the_reference_is_out_of_range() -> None:
    layout = number_layout("x", NORMAL)
    assert layout.edges[0] == NORMAL.min()
    assert layout.edges[-1] == np.nextafter(NORMAL.max(), np.inf)


def test_a_frequent_value_has_a_bin_of_its_own() -> None:
    values = np.concatenate([np.zeros(600), np.random.default_rng(1).exponential(1, 1_400)])
    layout = number_layout("x", values)
    place = np.searchsorted(layout.edges, 0.0, side="right")
    assert layout.edges[place - 1 : place + 1] == (0.0, 5e-324)
    assert counts(layout, values)[place] == 600
    assert Counter(layout.coarse)[layout.coarse[place]] == 1


def test_a_constant_is_one_bin_and_its_unit_is_its_size() -> None:
    for value, unit in ((0.1, 1.0), (-7.3, 7.3), (0.0, 1.0), (1e15 + 0.3, 1e15 + 0.3)):
        layout = number_layout("x", np.full(37, value))
        assert layout.edges == (value, np.nextafter(value, np.inf))
        assert (layout.coarse, layout.centre, layout.unit) == ((0, 1, 2), value, unit)


def test_a_reference_without_a_value_has_bins_all_the_same() -> None:
    layout = number_layout("x", np.empty(0))
    assert layout.n_bins == 3
    assert (layout.centre, layout.unit) == (0.0, 1.0)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 19, 60])
def test_few_values_give_few_bins(n: int) -> None:
    values = np.arange(n, dtype=float)
    layout = number_layout("x", values)
    assert sum(counts(layout, values)[1:-1]) == n


@pytest.mark.parametrize("scale", [1e-280, 1e-200, 1e200, 1e299])
def test_mean_and_sd_are_found_at_any_scale(scale: float) -> None:
    layout = number_layout("x", np.array([-1.0, 0.0, 1.0, 2.0]) * scale)
    assert layout.centre == pytest.approx(0.5 * scale)
    assert layout.unit == pytest.approx(np.sqrt(1.25) * scale)


def test_values_without_a_number_behind_them_are_out_of_range() -> None:
    layout = number_layout("x", np.array([1.0, np.finfo(float).max]))
    assert layout.edges[-1] == np.nextafter(LARGEST, np.inf)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=80))
def test_any_reference_gives_usable_bins(values: list[float]) -> None:
    array = np.array(values, float)
    layout = number_layout("x", array)
    edges, coarse = np.array(layout.edges), np.array(layout.coarse)
    assert np.isfinite(edges).all()
    assert (edges[1:] > edges[:-1]).all()
    assert len(coarse) == layout.n_bins >= 3
    assert set(np.diff(coarse).tolist()) <= {0, 1}
    assert (coarse[0], coarse[1], coarse[-2] + 1) == (0, 1, coarse[-1])
    assert layout.unit > 0
    assert np.isfinite([layout.centre, layout.unit]).all()
    near = array[np.abs(array) <= LARGEST]
    assert sum(counts(layout, near)[1:-1]) == len(near)


@given(st.permutations(list(range(40))))
def test_the_order_of_the_reference_does_not_matter(order: list[int]) -> None:
    values = np.array([0.0] * 5 + [i / 7 for i in range(35)])
    assert number_layout("x", values[order]) == number_layout("x", values)
