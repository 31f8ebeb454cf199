"""Directions that were on the move while they should have been learned."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_CLEARLY = 6.0
"""Standard errors of the slope; day means of an ordinary wander reach half of it."""
_FLOORS = 2.0
"""A trend matters if it moves the level by this many smallest effects while learning."""
_LEAST_DAYS = 5


def trending(
    values: Array, days: NDArray[np.int64], weekend: NDArray[np.bool_], floors: Array
) -> NDArray[np.bool_]:
    """Which directions moved steadily, shape (k,).

    Parameters
    ----------
    values
        Block means around the pattern of the day, shape (n_blocks, k), NaN where there were none.
    days, weekend
        Day of each block, and whether it is one of a weekend: weekends and weekdays may differ,
        and that is no trend.
    floors
        Smallest effect per direction.
    """
    places, group = np.unique(days, return_inverse=True)
    if len(places) < _LEAST_DAYS:
        return np.zeros(values.shape[1], bool)
    known = np.isfinite(values)
    sums = np.zeros((len(places), values.shape[1]))
    counts = np.zeros_like(sums)
    np.add.at(sums, group, np.where(known, values, 0))
    np.add.at(counts, group, known)
    means = sums / np.maximum(counts, 1)
    time = (places - places.mean()) / (places[-1] - places[0])
    free = np.bincount(group, weights=weekend) > np.bincount(group) / 2
    for kind in (free, ~free):
        if kind.any():
            time[kind] -= time[kind].mean()
            means[kind] -= means[kind].mean(axis=0)
    slope = time @ means / (time @ time)
    rest = means - np.outer(time, slope)
    error = np.sqrt((rest**2).sum(axis=0) / (len(places) - 3) / (time @ time))
    return np.asarray((np.abs(slope) > _CLEARLY * error) & (np.abs(slope) > _FLOORS * floors))
