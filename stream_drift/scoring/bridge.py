"""How far two histograms of one law lie apart: the greatest value of a sampled Brownian bridge."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_NARROWEST = 0.012
"""Edges that are nearer to one another than this share of the law say the same."""
_LARGEST = 2.0
"""The bridge reaches further once in 1 500 times, and then hardly further."""
_NODES, _WEIGHTS = (part[24:] for part in np.polynomial.legendre.leggauss(48))
_LEVELS, _LEVEL_WEIGHTS = np.polynomial.legendre.leggauss(10)


def mean_distances(shares: Array) -> Array:
    """Mean of ``max |B(F_j)|`` over the edges of a law, for a Brownian bridge B.

    Times ``sqrt(1/n + 1/m)`` it is the mean Kolmogorov-Smirnov distance of two samples of the law
    where only the edges are looked at. For two values it is ``sqrt(2/pi * p * (1 - p))``; with
    ever more values it grows towards 0.869, the mean of the Kolmogorov law.

    Parameters
    ----------
    shares
        Distribution function at the edges, shape (..., n_bins), the last 1.

    Examples
    --------
    >>> mean_distances(np.array([[.5, 1.], [1., 1.]])).round(3).tolist()
    [0.399, 0.0]
    """
    flat = shares.reshape(-1, shares.shape[-1])
    found = [_mean_distance(np.round(row, 6).tobytes()) for row in flat]
    return np.array(found).reshape(shares.shape[:-1])


@lru_cache(maxsize=8192)
def _mean_distance(data: bytes) -> float:
    edges = _apart(np.frombuffer(data))
    if not len(edges):
        return 0.0
    levels = (_LEVELS + 1) * _LARGEST / 2
    beyond = 1 - _within(edges, levels)
    return round(float((beyond * _LEVEL_WEIGHTS).sum() * _LARGEST / 2), 4)


def _apart(shares: Array) -> Array:
    """Edges within (0, 1) that are not too near to the one before."""
    kept: list[float] = []
    for share in shares.tolist():
        if share - (kept[-1] if kept else 0.0) >= _NARROWEST and 1 - share >= _NARROWEST:
            kept.append(share)
    return np.array(kept)


def _within(edges: Array, levels: Array) -> Array:
    """Probability that the bridge stays within each level at all edges.

    The bridge is a Markov chain over the edges; its density between the levels, which is even, is
    carried from edge to edge by Gauss-Legendre quadrature over the upper half.
    """
    places = (levels[:, None] * _NODES).astype(np.float32)
    weights = (2 * levels[:, None] * _WEIGHTS).astype(np.float32)
    density = _normal(places, edges[0] * (1 - edges[0]))
    for before, after in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        left = (1 - after) / (1 - before)
        variance = (after - before) * left
        to, since = places[:, :, None], left * places[:, None, :]
        step = (_normal(to - since, variance) + _normal(to + since, variance)) / 2
        density = np.einsum("lij,lj->li", step, density * weights)
    return np.asarray((density * weights).sum(axis=1), np.float64)


def _normal(values: NDArray[np.float32], variance: float) -> NDArray[np.float32]:
    """The normal density."""
    scale = np.float32(1 / np.sqrt(2 * np.pi * variance))
    return np.asarray(scale * np.exp(values**2 * np.float32(-0.5 / variance)))
