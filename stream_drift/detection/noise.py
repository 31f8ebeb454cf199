"""How much clean pane means scatter and wander, per direction."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.clean_panes import LAGS, CleanPanes
from stream_drift.detection.season import Season
from stream_drift.detection.spells import SHORT, block_noise, spell_variance

Array = NDArray[np.float64]

_LEAST_PAIRS = 24
_HOUR_LAGS = (1, 2, 3, 6, 12, 24)
_SHORTEST_MEMORY_PANES = 0.7
_LONGEST_MEMORY_BLOCKS = 48
_N_MEMORIES = 30
"""Candidate memories of the wander."""
_SIGNIFICANT = 2.5
_CENTRE_SD = 3.5
"""The learned centre is trusted to this many of its standard errors."""
_WANDER_SD = 1.0
"""Slow wander that the filter may fail to follow, in sd of six-hour means."""


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """Noise components per direction, shape (k,).

    Attributes
    ----------
    within
        Variance of one event's share in a pane's mean: the mean of n events has ``within / n``.
    wander, memory
        Variance of the slow level, and how much of it is left after one pane (AR(1)).
    slack
        How far the centre itself may be off.
    cell
        Variance of what the season's estimate may miss.
    spread
        Variance of single events, to which ``within`` is compared: their ratio is clustering.
    long_run
        Pane variance that means over many panes show: for intervals of long means.
    """

    within: Array
    wander: Array
    memory: Array
    slack: Array
    cell: Array
    spread: Array
    long_run: Array

    @classmethod
    def of_reference(cls, spread: Array, reference_n: Array) -> Noise:
        """Independent events around a centre known from a finite reference."""
        zero = np.zeros(len(spread))
        slack = 4.6 * np.sqrt(spread / np.maximum(reference_n, 1.0))
        return cls(spread.copy(), zero, zero, slack, zero, spread.copy(), zero)

    def grown(self, other: Noise, where: NDArray[np.bool_]) -> Noise:
        """The larger wander and scatter of both noises where told, else this one."""
        more = where & (other.wander > self.wander)
        return replace(
            self,
            within=np.where(where, np.maximum(self.within, other.within), self.within),
            wander=np.where(more, other.wander, self.wander),
            memory=np.where(more, other.memory, self.memory),
            slack=np.where(where, np.maximum(self.slack, other.slack), self.slack),
            long_run=np.where(where, np.maximum(self.long_run, other.long_run), self.long_run),
        )


def estimate_noise(
    clean: CleanPanes, season: Season, cells: NDArray[np.int64], kinds: NDArray[np.int64]
) -> Noise:
    """Noise of clean panes around their season.

    Parameters
    ----------
    clean, season, cells
        The panes, their season, and the cell of each block.
    kinds
        Group of alike directions: none is taken to wander less than the median of its group.

    Notes
    -----
    The covariance of pane means at short distances comes from their differences, at hours from
    the covariance of hourly residuals; an AR(1) is fitted to both. Its long memory is what seven
    clean days show worst, so the slack has the sd of six-hour means in it, and the error of the
    centre is that of six-hour or daily means, whichever is larger.
    """
    residuals = clean.table - season.levels[cells]
    panes = np.maximum(clean.panes, 1.0)
    n_blocks = np.maximum(np.isfinite(residuals).sum(axis=0), 1)
    lost = 1 + season.seasonal * np.minimum(n_blocks / 8, 40)
    between = np.nansum(residuals**2, axis=0) / np.maximum(n_blocks - lost, 1)
    total = between + clean.within / panes
    wander, memory = _fit_wander(clean, residuals, total, between)
    inverse_n = np.where(clean.panes > 0, clean.inverse_n / panes, 1.0)
    spread = clean.spread / panes
    within = np.maximum(np.maximum(total - wander, 0.02 * total) / inverse_n, spread)
    explained = wander * _share_in_means(memory, SHORT * _panes_per_block(clean))
    slow, centre = _slow(clean, residuals, within, explained, kinds)
    slack = _CENTRE_SD * np.sqrt(centre * (1 + 2 * season.seasonal)) + _WANDER_SD * slow
    carry = (1 + memory) / np.maximum(1 - memory, 1e-3)
    long_run = np.maximum(wander * carry + within * inverse_n, centre * panes)
    return Noise(within, wander, memory, slack, season.remainder, spread, long_run)


def _fit_wander(
    clean: CleanPanes, residuals: Array, total: Array, between: Array
) -> tuple[Array, Array]:
    """Variance and memory per pane of an AR(1), fitted to the covariances; 0 if insignificant."""
    near = total - clean.lag_squares / np.maximum(2 * clean.lag_pairs, 1)
    near = np.where(clean.lag_pairs > 0, near, 0)
    far, pairs = _covariances(residuals)
    ratio = _panes_per_block(clean)
    lags = np.array([*LAGS, *(lag * ratio for lag in _HOUR_LAGS)])
    found = np.concatenate([near, far])
    weights = np.concatenate([clean.lag_pairs > 0, pairs > _LEAST_PAIRS]).astype(float)
    wander, memory = _best_fit(found, weights, lags, ratio)
    sure = near[0] > _SIGNIFICANT * total / np.sqrt(np.maximum(clean.lag_pairs[0], 1))
    sure |= far[0] > _SIGNIFICANT * between / np.sqrt(np.maximum(pairs[0], 1))
    return np.where(sure, np.minimum(wander, 0.98 * total), 0.0), np.where(sure, memory, 0.0)


def _covariances(residuals: Array) -> tuple[Array, Array]:
    """Covariance of block residuals at ``_HOUR_LAGS`` blocks, and the number of pairs."""
    shape = (len(_HOUR_LAGS), residuals.shape[1])
    found, pairs = np.zeros(shape), np.zeros(shape)
    for row, lag in enumerate(_HOUR_LAGS):
        products = residuals[lag:] * residuals[:-lag]
        pairs[row] = np.isfinite(products).sum(axis=0)
        found[row] = np.nansum(products, axis=0) / np.maximum(pairs[row], 1)
    return found, pairs


def _panes_per_block(clean: CleanPanes) -> float:
    """How many panes a full block holds."""
    return max(1.0, float(np.round(clean.panes.max() / max(len(clean.blocks), 1))))


def _best_fit(found: Array, weights: Array, lags: Array, ratio: float) -> tuple[Array, Array]:
    """Least squares over the variance, for each candidate memory; the best of them."""
    best_error = np.full(found.shape[1], np.inf)
    wander, memory = np.zeros_like(best_error), np.zeros_like(best_error)
    longest = _LONGEST_MEMORY_BLOCKS * ratio
    for span in np.geomspace(_SHORTEST_MEMORY_PANES, longest, _N_MEMORIES):
        shape = np.exp(-lags / span)[:, None]
        size = (weights * found * shape).sum(axis=0)
        size = np.maximum(size / np.maximum((weights * shape**2).sum(axis=0), 1e-12), 0)
        error = (weights * (found - size * shape) ** 2).sum(axis=0)
        better = error < best_error
        best_error = np.where(better, error, best_error)
        wander = np.where(better, size, wander)
        memory = np.where(better, np.exp(-1 / span), memory)
    return wander, memory


def _slow(
    clean: CleanPanes,
    residuals: Array,
    within: Array,
    explained: Array,
    kinds: NDArray[np.int64],
) -> tuple[Array, Array]:
    """Sd of six-hour means beyond noise and wander, and variance of the learned centre."""
    spells, _ = spell_variance(residuals, clean.blocks, SHORT)
    blocks = np.maximum(np.isfinite(residuals).sum(axis=0), 1)
    white = within * clean.inverse_block_n / blocks / SHORT
    slow = np.sqrt(np.maximum(spells - white - explained, 0))
    for kind in np.unique(kinds):
        slow[kinds == kind] = np.maximum(slow[kinds == kind], np.median(slow[kinds == kind]))
    return slow, block_noise(residuals, clean.blocks) / blocks


def _share_in_means(memory: Array, panes: float) -> Array:
    """Variance of the mean of successive panes of an AR(1), relative to that of one pane."""
    gone = 1 - memory
    lasting = (1 + memory) / gone - 2 * memory * (1 - memory**panes) / (panes * gone**2)
    return np.asarray(np.minimum(lasting / panes, 1))
