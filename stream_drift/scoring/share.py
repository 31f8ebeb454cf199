"""A share of all events, with Wilson's interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from stream_drift.scoring.counts import Score

UPPER = 0.975


def share(hits: NDArray[np.int64], events: NDArray[np.int64]) -> Score:
    """The share ``hits / events`` with its 95 % interval (Wilson 1927); NaN without events.

    Examples
    --------
    >>> score = share(np.array([3]), np.array([100]))
    >>> [round(float(x[0]), 4) for x in (score.low, score.value, score.high)]
    [0.0103, 0.03, 0.0845]
    """
    n = np.where(events > 0, events, np.nan)
    value, z2 = hits / n, float(ndtri(UPPER)) ** 2
    centre = (hits + z2 / 2) / (n + z2)
    margin = np.sqrt(z2 * (hits * (1 - value) + z2 / 4)) / (n + z2)
    high = np.clip(centre + margin, value, 1.0)  # rounding may leave it under a share of 1
    return Score(value, value, centre - margin, high)
