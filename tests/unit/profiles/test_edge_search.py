from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_drift.profiles.edge_search import EdgeSearch

finite = st.floats(allow_nan=False, allow_infinity=False)
edge_lists = st.lists(
    st.lists(finite, max_size=40, unique=True).map(sorted), min_size=1, max_size=4
)


def cells_of(edges: list[list[float]], values: list[float]) -> list[list[int]]:
    first_cells = 1000 * np.arange(len(edges))
    columns = np.tile(np.array(values), (len(edges), 1))
    found: list[list[int]] = EdgeSearch(edges, first_cells).cells(columns).tolist()
    return found


@given(edge_lists, st.lists(finite, max_size=20))
def test_every_value_falls_where_searchsorted_puts_it(
    edges: list[list[float]], others: list[float]
) -> None:
    on_edges = [edge for mine in edges for edge in mine]
    beside = [math.nextafter(edge, side) for edge in on_edges for side in (-math.inf, math.inf)]
    values = [value for value in (*on_edges, *beside, *others) if math.isfinite(value)]
    assert cells_of(edges, values) == [
        (1000 * i + np.searchsorted(mine, values, side="right")).tolist()
        for i, mine in enumerate(edges)
    ]


@pytest.mark.parametrize("n_edges", [0, 1, 2, 3, 62, 63, 64, 127, 128])
def test_trees_of_any_size_are_searched_to_their_last_leaf(n_edges: int) -> None:
    edges = np.arange(n_edges, dtype=np.float64).tolist()
    values = (np.arange(n_edges + 1) - 0.5).tolist()
    assert cells_of([edges], values) == [list(range(n_edges + 1))]


def test_no_features_and_no_values_have_no_cells() -> None:
    assert EdgeSearch([], np.zeros(0, np.int64)).cells(np.zeros((0, 3))).shape == (0, 3)
    assert EdgeSearch([[1.0]], np.zeros(1, np.int64)).cells(np.zeros((1, 0))).shape == (1, 0)
