"""Shift of the mean."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from stream_drift.scoring.counts import Floats, Score
from stream_drift.scoring.moments import Moments

UPPER = 0.975


def mean_shift(live: Moments, reference: Moments, unit: Floats) -> Score:
    """Mean live less mean reference, in reference sd.

    Parameters
    ----------
    unit
        The reference's sd in the unit of the means, or what stands for it where that is 0. It
        is a yardstick: the interval takes it as known.

    Returns
    -------
    Score
        With Welch's 95 % interval (Student's t, normal from a few hundred values on).

    Examples
    --------
    >>> def sample(n, mean, variance):
    ...     return Moments(*np.array([n, mean, variance, 3.0]))
    >>> score = mean_shift(sample(400, 12.0, 4.0), sample(10_000, 11.0, 4.0), np.array(2.0))
    >>> [round(float(x), 3) for x in (score.low, score.value, score.high)]
    [0.4, 0.5, 0.6]
    """
    difference = live.mean - reference.mean
    a, b = live.variance / live.n, reference.variance / reference.n
    squares = a**2 / (live.n - 1) + b**2 / (reference.n - 1)
    freedom = np.where(squares > 0, (a + b) ** 2, 1.0) / np.where(squares > 0, squares, 1.0)
    margin = stdtrit(freedom, UPPER) * np.sqrt(a + b)
    value = np.asarray(difference / unit)
    return Score(value, value, (difference - margin) / unit, (difference + margin) / unit)
