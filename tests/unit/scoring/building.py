"""Profiles and layouts for these tests, built without the code that production builds them with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.layout import (
    GRID_PER_SD,
    SQUARE_LOW_BITS,
    CategoryLayout,
    Layout,
    NumberLayout,
)
from stream_drift.profiles.profile import Profile

Floats = NDArray[np.float64]
PANE_MS = 300_000


def number(name: str, values: Floats) -> NumberLayout:
    """60 inner bins of equal mass, three to a coarse one, the tails and the range as edges."""
    levels = np.array([0.0, 0.001, *np.linspace(0.01, 0.99, 61), 0.999])
    quantiles = np.quantile(values, levels, method="inverted_cdf").tolist()
    edges = np.unique([*quantiles, np.nextafter(values.max(), np.inf)])
    inner = (np.arange(len(edges) - 1) // 3 + 1).tolist()
    unit = float(values.std()) or max(abs(float(values.mean())), 1.0)
    coarse = (0, *inner, inner[-1] + 1)
    return NumberLayout(name, tuple(edges.tolist()), coarse, float(values.mean()), unit)


def profile(
    layout: Layout,
    numbers: Mapping[str, Floats],
    categories: Mapping[str, Sequence[int]] | None = None,
    missing: Mapping[str, int] | None = None,
) -> Profile:
    """Count values of numbers (NaN is missing); categories come as counts of their bins."""
    counted = Profile.empty(layout)
    for row, part in enumerate(layout.numbers):
        _count(counted, row, part, numbers[part.name])
    for name, hits in (categories or {}).items():
        counted.bins_of(layout.names.index(name))[:] = hits
    for name, count in (missing or {}).items():
        counted.view("missing")[layout.names.index(name)] += count
    counted.additive[0] = counted.offered().max(initial=0)
    return counted


def _count(counted: Profile, row: int, part: NumberLayout, values: Floats) -> None:
    usable = values[~np.isnan(values)]
    counted.view("missing")[row] = len(values) - len(usable)
    np.add.at(counted.bins_of(row), np.searchsorted(part.edges, usable, side="right"), 1)
    grid = [round((x - part.centre) / part.unit * GRID_PER_SD) for x in usable.tolist()]
    squares = [g * g for g in grid]
    counted.view("sums")[row] = sum(grid)
    counted.view("squares_high")[row] = sum(q >> SQUARE_LOW_BITS for q in squares)
    counted.view("squares_low")[row] = sum(q & ((1 << SQUARE_LOW_BITS) - 1) for q in squares)


def one_number(values: Floats) -> Layout:
    return Layout((number("x", values),), (), PANE_MS)


def one_category(kept: int, rare: tuple[str, ...] = ()) -> Layout:
    names = tuple(f"k{i}" for i in range(kept))
    return Layout((), (CategoryLayout("c", names, rare),), PANE_MS)
