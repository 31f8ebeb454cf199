"""Pane e-values: bets on the counts of one pane, tempered by its noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SIZES = np.array([0.02, 0.05, 0.1, 0.2, 0.4, 0.8])
"""Stakes of the bets per unit of the direction; best for an excess of the same size."""
N_SIDES = 2
BETS_PER_DIRECTION = N_SIDES * len(SIZES)
LARGEST_STAKE = 0.9
"""Share of the capital that the worst bin may cost in one event."""
LARGEST_LOG = 25.0
"""No pane multiplies evidence by more than e**25: enough for two panes of total failure."""
_LEAST_CAP, _CAP_PER_GROWTH = 3.0, 4.0
"""Nor by more than e**3 times the fourth power of what a bet gains at its best (see `temper`)."""
_CHUNK = 64


def log_bets(
    counts: Array, excess: Array, lowest: Array, highest: Array, tolerance: Array
) -> Array:
    """Log wealth of every bet after the events of one pane.

    ``sum_b counts_b * log(1 + stake * (side * excess_b - tolerance))`` with
    ``stake = min(size, 0.9 / largest possible loss)``. Its exponential has expectation at most 1
    whatever the law of the events, as long as the conditional mean of ``side * excess`` stays
    within the tolerance: no normality, no independence of features, no known shares
    (Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", 2024).

    Parameters
    ----------
    counts
        Events per bin, shape (groups, bins).
    excess
        Value of each direction in each bin minus its predicted mean, shape (groups, k, bins).
    lowest, highest
        Extremes of ``excess`` over the bins that can occur, shape (groups, k).
    tolerance
        How far the mean may stray, per detector, shape (groups, k, detectors).

    Returns
    -------
    Shape (groups, k, detectors, 2 sides, 6 sizes).

    Examples
    --------
    A coin that should show heads half of the time (excess -1 or 1), with 9 heads in 10:

    >>> logs = log_bets(np.array([[1., 9.]]), np.array([[[-1., 1.]]]), np.array([[-1.]]),
    ...                 np.array([[1.]]), np.array([[[0.]]]))
    >>> logs[0, 0, 0].argmax(axis=1).tolist(), round(float(logs.max()), 2)
    ([5, 0], 3.68)
    """
    wealth = [
        _log_bets(*(part[i : i + _CHUNK] for part in (counts, excess, lowest, highest, tolerance)))
        for i in range(0, len(counts), _CHUNK)  # keeps the table of logarithms in the cache
    ]
    if not wealth:
        return np.zeros((*tolerance.shape, N_SIDES, len(SIZES)))
    return np.concatenate(wealth)


def _log_bets(
    counts: Array, excess: Array, lowest: Array, highest: Array, tolerance: Array
) -> Array:
    sides = np.stack([excess, -excess], axis=2)
    loss = tolerance[..., None] + np.stack([-lowest, highest], axis=-1)[:, :, None, :]
    sizes = SIZES.astype(loss.dtype)
    stake = np.minimum(sizes, (LARGEST_STAKE / np.maximum(loss, 1e-12))[..., None])
    factors = stake[..., None] * sides[:, :, None, :, None, :]
    factors += (1 - stake * tolerance[..., None, None])[..., None]
    np.log(factors, out=factors)
    groups, n_bins = counts.shape
    logs = factors.reshape(groups, -1, n_bins) @ counts[:, :, None]
    return np.asarray(logs.reshape(stake.shape))


def temper(logs: Array, design: Array, n: Array) -> Array:
    """Log e-values under clustering and wander: ``logs / design``, capped.

    Parameters
    ----------
    logs
        As from `log_bets`, shape (k, detectors, sides, sizes).
    design
        How many times the variance of the pane's mean exceeds that of independent events, at
        least 1, known before the pane, shape (k,). Dividing keeps an e-value an e-value (Jensen)
        and matches the variance of an overdispersed one to second order.
    n
        Events of the pane, shape (k,).

    Notes
    -----
    Where the shift equals its size, a bet gains ``n / design * size**2 / 2`` nats per pane. One
    that gains much more has met a glitch, and a small bet would keep that gain for days: it is
    capped at 3 nats plus four times its best. Caps only take evidence away.
    """
    growth = (n / design)[:, None] * SIZES**2 / 2
    cap = np.minimum(_LEAST_CAP + _CAP_PER_GROWTH * growth, LARGEST_LOG)
    return np.asarray(np.minimum(logs / design[:, None, None, None], cap[:, None, None, :]))
