"""Intervals that hold at any time, and which features to name with few false ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def half_width(panes: Array, variance: Array, *, alpha: float = 0.05, best_at: float = 6) -> Array:
    """Half of an interval for a mean over panes that stays valid however long one looks.

    The confidence sequence of a normal mixture: asymptotic, and ``variance`` is estimated.

    Parameters
    ----------
    panes
        Panes averaged so far, at least 1.
    variance
        Variance of their mean.
    best_at
        Number of panes where the interval is tightest.

    Examples
    --------
    >>> half_width(np.array([2., 6., 60.]), np.array([1., 1., 1.])).round(1).tolist()
    [5.0, 3.7, 3.0]
    """
    ratio = panes / best_at
    return np.asarray(np.sqrt(variance * (1 + 1 / ratio) * np.log((ratio + 1) / alpha**2)))


def e_benjamini_hochberg(e_values: Array, level: float = 0.2) -> NDArray[np.bool_]:
    """Which hypotheses to reject so that at most ``level`` of them are false on average.

    Holds under any dependence (Wang and Ramdas, "False discovery rate control with e-values",
    2022).

    Examples
    --------
    >>> e_benjamini_hochberg(np.array([100., 1., 9., .2])).tolist()
    [True, False, False, False]
    """
    n = len(e_values)
    order = np.sort(e_values)[::-1]
    enough = np.flatnonzero(order >= n / (level * np.arange(1, n + 1)))
    if not len(enough):
        return np.zeros(n, bool)
    return np.asarray(e_values >= order[enough[-1]])
