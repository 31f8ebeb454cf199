"""Wasserstein-1 distance from counts on edges."""

from __future__ import annotations

import math

import numpy as np

from stream_drift.scoring.counts import Counts, Floats, Score
from stream_drift.scoring.noise import debiased, noise
from stream_drift.scoring.proportions import cdf


def wasserstein(live: Counts, reference: Counts, widths: Floats) -> Score:
    """Area between the two distribution functions, values winsorised.

    Parameters
    ----------
    live, reference
        Counts on the fine bins in the order of their values.
    widths
        Shape (..., n_bins), in reference sd: how much of each bin lies between the limits at
        which values are winsorised (`stream_drift.scoring.winsor.winsor_widths`); 0 for padding.

    Returns
    -------
    Score
        In reference sd. ``value`` is less the null mean
        ``sqrt(2/pi) * sqrt(1/n + 1/m) * integral of sqrt(F * (1 - F))``, F pooled.

    Notes
    -----
    Events of a bin are taken as spread evenly over it. Within a bin both functions are then
    straight lines, and the area is exact also where they cross.

    Examples
    --------
    >>> from stream_drift.scoring.counts import counts
    >>> widths = np.array([0.0, 1.0, 1.0, 0.0])
    >>> float(wasserstein(counts([0, 0, 50, 0]), counts([0, 500, 0, 0]), widths).raw)
    1.0
    """
    right, reference_right = cdf(live), cdf(reference)
    left, reference_left = _left(right), _left(reference_right)
    raw = (widths * _area(left - reference_left, right - reference_right)).sum(axis=-1)
    n, m = live.size[..., None], reference.size[..., None]
    pooled_left = (n * left + m * reference_left) / (n + m)
    pooled_right = (n * right + m * reference_right) / (n + m)
    spread = (widths * _mean_root(pooled_left, pooled_right)).sum(axis=-1)
    null_mean = np.sqrt(2 / math.pi * noise(live, reference)) * spread
    return Score(np.asarray(raw), debiased(raw, null_mean))


def _left(right: Floats) -> Floats:
    """The distribution function at the left ends of the bins."""
    return np.concatenate([np.zeros_like(right[..., :1]), right[..., :-1]], axis=-1)


def _area(a: Floats, b: Floats) -> Floats:
    """Mean absolute value of a line from ``a`` to ``b``."""
    crossing = a * b < 0
    triangles = (a * a + b * b) / (2 * np.where(crossing, np.abs(a - b), 1.0))
    return np.where(crossing, triangles, np.abs(a + b) / 2)


def _mean_root(a: Floats, b: Floats) -> Floats:
    """Mean of ``sqrt(F * (1 - F))`` for F from ``a`` to ``b``, by Simpson's rule."""
    return np.asarray((_root(a) + 4 * _root((a + b) / 2) + _root(b)) / 6)


def _root(f: Floats) -> Floats:
    return np.asarray(np.sqrt(f * (1 - f)))
