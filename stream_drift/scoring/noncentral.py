"""Intervals for the noncentrality of a chi-squared law."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtr, chndtrinc, ndtri

from stream_drift.scoring.counts import Floats

TAIL = 0.025
EXACT_UP_TO = 200.0
"""Beyond, scipy's inversion takes too long, and the Cornish-Fisher one is off by < 0.1 %."""


def noncentrality_interval(x: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """95 % interval of the noncentrality behind one observation ``x`` of the law.

    Parameters
    ----------
    x
        Observations, not negative; NaN gives NaN.
    freedom
        Degrees of freedom, the same shape; where 0 the interval is [0, 0].
    """
    return noncentrality(x, freedom, 1.0 - TAIL), noncentrality(x, freedom, TAIL)


def noncentrality(x: Floats, freedom: Floats, below: float) -> Floats:
    """The noncentrality with the share ``below`` of the law below ``x``.

    0 where even the central law has less below ``x``.
    """
    found = np.where(np.isnan(x), np.nan, 0.0)
    positive = chdtr(freedom, x) > below
    exact, far = positive & (x <= EXACT_UP_TO), positive & (x > EXACT_UP_TO)
    found[exact] = chndtrinc(x[exact], freedom[exact], below)
    found[far] = _cornish_fisher(x[far], freedom[far], -float(ndtri(below)))
    return found


def _cornish_fisher(x: Floats, freedom: Floats, z: float) -> Floats:
    """Solve ``x = mean - z * sd + skewness term`` for the noncentrality.

    The law has the cumulants ``f + v``, ``2 (f + 2v)``, ``8 (f + 3v)`` at noncentrality v; the
    skewness term depends on v only weakly, so that a few rounds settle it.
    """
    v = np.maximum(x - freedom, 0.0)
    for _ in range(3):
        skew = (z * z - 1) / 6 * 4 * (freedom + 3 * v) / (freedom + 2 * v)
        y = x - skew - freedom
        v = y + 2 * z * z + z * np.sqrt(4 * y + 4 * z * z + 2 * freedom)
        v = np.maximum(v, 0.0)
    return np.asarray(v)
