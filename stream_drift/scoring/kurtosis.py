"""Kurtosis from a histogram and an exact variance."""

from __future__ import annotations

import numpy as np

from stream_drift.scoring.counts import Counts, Floats
from stream_drift.scoring.places import Places


def kurtosis(fine: Counts, mean: Floats, variance: Floats, where: Places) -> Floats:
    """Fourth central moment over the squared variance; NaN where the variance is 0 or unknown.

    Events are taken as spread evenly over their bin. How far those out of range lie no bin
    tells, but the variance does: they get what it holds beyond the other bins, and at least
    what lies at their edge. No sample of n values has a kurtosis above n.

    Parameters
    ----------
    fine
        Counts on the fine bins, shape (n_numbers, widest).
    mean, variance
        Exact, shape (n_numbers,), in the units of ``where``.
    """
    n, count = fine.total, fine.real
    middle = (where.left + where.right) / 2 - mean[:, None]
    square, spread = middle**2, ((where.right - where.left) / 2) ** 2
    inner = np.where(where.outer, 0.0, count)
    fourth = (inner * (square**2 + 2 * square * spread + spread**2 / 5)).sum(axis=-1)
    explained = (inner * (square + spread / 3)).sum(axis=-1)
    outer = count - inner
    outer_second = np.maximum(n * variance - explained, (outer * square).sum(axis=-1))
    n_outer = outer.sum(axis=-1)
    fourth += np.where(n_outer > 0, outer_second**2 / np.maximum(n_outer, 1.0), 0.0)
    squared_variance = np.where(variance > 0, variance, np.nan) ** 2
    return np.asarray(np.minimum(fourth / n.clip(min=1.0) / squared_variance, n))
