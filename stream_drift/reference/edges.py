"""Where the bins of a number feature lie, from the reference's values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.layout import NumberLayout

POINT_MASS_SHARE = 0.02
"""A single value with this share of the reference has a bin of its own."""
N_COARSE = 20
FINE_PER_COARSE = 3
TAIL_LEVELS = (0.001, 0.01, 0.99, 0.999)
"""Quantiles that are edges in any case: the tails, and where values are winsorised."""
SMALLEST_UNIT = 1e-290
"""An sd below this counts as 0: dividing by it would overflow."""
LARGEST = 1e300
"""Values further from 0 are taken as this, so that there is always a number behind an edge."""

Floats = NDArray[np.float64]


def number_layout(name: str, values: Floats) -> NumberLayout:
    """Bins and grid of a number feature.

    Each point mass is a bin; it cuts the line into stretches. A stretch that holds the share m of
    the reference gets round(20 m) coarse bins of equal mass, each cut into three fine ones, the
    outermost at the tail levels; one that would get none joins its neighbour.

    Parameters
    ----------
    values
        The reference's finite values, any order, possibly none.
    """
    if len(values) == 0:
        return NumberLayout(name, (0.0, _after(0.0)), (0, 1, 2), 0.0, 1.0)
    values = np.clip(np.sort(values), -LARGEST, LARGEST)
    masses = _point_masses(values)
    rest = values[~np.isin(values, masses)]
    coarse_edges = _coarse_edges(values, masses, rest)
    fine_edges = _fine_edges(values, masses, rest, coarse_edges)
    inner = np.searchsorted(coarse_edges, fine_edges[:-1], side="right")
    coarse = (0, *inner.tolist(), int(inner[-1]) + 1)
    centre, spread = _mean_and_sd(values)
    unit = spread if spread > SMALLEST_UNIT else max(abs(centre), 1.0)
    return NumberLayout(name, tuple(fine_edges.tolist()), coarse, centre, unit)


def _mean_and_sd(values: Floats) -> tuple[float, float]:
    """Of sorted values of any size: squares of very large or small ones are no floats."""
    if values[0] == values[-1]:  # a rounded mean would leave a tiny sd
        return float(values[0]), 0.0
    exponent = np.frexp(np.abs(values[[0, -1]]).max())[1]
    scaled = np.ldexp(values, -exponent)
    mean = np.clip(scaled.mean(), scaled[0], scaled[-1])
    return float(np.ldexp(mean, exponent)), float(np.ldexp(scaled.std(), exponent))


def _after(value: float) -> float:
    return float(np.nextafter(value, np.inf))


def _point_masses(values: Floats) -> Floats:
    distinct, hits = np.unique(values, return_counts=True)
    return np.asarray(distinct[hits >= POINT_MASS_SHARE * len(values)])


def _stretches(rest: Floats, masses: Floats) -> list[Floats]:
    """The values below the first point mass, between neighbours, and above the last."""
    return np.split(rest, np.searchsorted(rest, masses))


def _quantiles(values: Floats, levels: Floats) -> Floats:
    return np.asarray(np.quantile(values, levels, method="inverted_cdf"))


def _coarse_edges(values: Floats, masses: Floats, rest: Floats) -> Floats:
    """Left ends of the inner coarse bins."""
    edges: list[float] = [float(values[0])]
    for i, stretch in enumerate(_stretches(rest, masses)):
        n = round(N_COARSE * len(stretch) / len(values))
        if n:
            edges.append(_after(masses[i - 1]) if i else float(stretch[0]))
            edges += _quantiles(stretch, np.arange(1, n) / n).tolist()
        if i < len(masses) and (n or i):
            edges.append(float(masses[i]))
    return np.unique(edges)


def _fine_edges(values: Floats, masses: Floats, rest: Floats, coarse: Floats) -> Floats:
    """All edges: coarse ones, thirds of their bins, tails, and both sides of point masses."""
    last = float(values[-1])
    tails = _quantiles(values, np.array(TAIL_LEVELS))
    edges = [*coarse.tolist(), *masses.tolist(), *np.nextafter(masses, np.inf).tolist()]
    edges += [*tails.tolist(), _after(last)]
    thirds = np.arange(1, FINE_PER_COARSE) / FINE_PER_COARSE
    inner = np.split(rest, np.searchsorted(rest, coarse[1:]))
    for i, members in enumerate(inner):
        if len(members) and 0 < i < len(inner) - 1:
            edges += _quantiles(members, thirds).tolist()
    return np.unique(np.array(edges)[np.array(edges) <= _after(last)])
