"""Ratio of the variances."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from stream_drift.scoring.counts import Floats, Score
from stream_drift.scoring.moments import Moments

UPPER = 0.975


def variance_ratio(live: Moments, reference: Moments) -> Score:
    """Variance live over variance reference.

    Returns
    -------
    Score
        NaN where the reference is constant; no interval where the live sample is.

    Notes
    -----
    The log of a sample variance has the variance ``(k - (n - 3) / (n - 1)) / (n - 1)``, k the
    kurtosis (Bonett 2006, doi:10.1016/j.csda.2005.01.018). A small sample rarely holds the tails
    that its kurtosis comes from, so the greater of both kurtoses serves both. Measured coverage
    of the nominal 95 %: .94-.99 for n >= 50 on normal, uniform, exponential, gamma, Student,
    zero-inflated and bimodal data, .91 at worst on lognormal data of log-sd 1 and on a 0/1
    feature with two or three hits.

    Examples
    --------
    >>> def sample(n, variance):
    ...     return Moments(*np.array([n, 0.0, variance, 3.0]))
    >>> score = variance_ratio(sample(400, 6.0), sample(10_000, 4.0))
    >>> [round(float(x), 2) for x in (score.low, score.value, score.high)]
    [1.3, 1.5, 1.73]
    """
    ratio = live.variance / np.where(reference.variance > 0, reference.variance, np.nan)
    shape = np.fmax(live.kurtosis, reference.kurtosis)
    noise = _log_noise(shape, live.n) + _log_noise(shape, reference.n)
    with np.errstate(over="ignore"):  # an infinite end is no end
        factor = np.where(ratio > 0, np.exp(ndtri(UPPER) * np.sqrt(noise)), np.nan)
        return Score(ratio, ratio, ratio / factor, ratio * factor)


def _log_noise(kurtosis: Floats, n: Floats) -> Floats:
    """Variance of the log of a sample variance."""
    room = np.where(n > 1, n - 1, np.nan)
    return np.asarray(np.maximum(kurtosis - (n - 3) / room, 0.0) / room)
