"""Shiryaev-Roberts e-detectors over all bets, and where each began to win."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.bets import BETS_PER_DIRECTION, N_SIDES, SIZES

Array = NDArray[np.float64]
LARGEST = 1e15
BUDGET, FLOOR = 0, 1
"""The two detectors: any change of the centre, and changes beyond the smallest effect."""


@dataclass(slots=True, eq=False)
class Evidence:
    """E-detectors of every bet; all arrays have shape (k, 2 sides, 6 sizes).

    With pane e-values L whose conditional expectation is at most 1, ``M <- (M + 1) * L`` has
    expectation at most the number of panes, so a weighted mixture of any number of dependent
    bets passes a threshold A at most once in A panes on average (e-detectors: Shin, Ramdas,
    Rinaldo, "E-detectors: a nonparametric framework for sequential change detection", 2024).

    Attributes
    ----------
    mixed
        The detector of the budget.
    bereft
        The same without the best pane of each bet, exactly: either this pane is the one left out
        (``mixed + 1`` remains), or an earlier one was. One glitch cannot raise it.
    floor
        The detector of changes beyond the smallest effect.
    page
        Log wealth since it last was zero (Page's recursion): its zero estimates the onset.
    zero_ms
        End of the last pane where ``page`` was zero.
    since
        Events, events times residual, and panes since then, shape (k, 2, 6, 3).
    """

    mixed: NDArray[np.float32]
    bereft: NDArray[np.float32]
    floor: NDArray[np.float32]
    page: NDArray[np.float32]
    zero_ms: NDArray[np.int64]
    since: NDArray[np.float32]

    @classmethod
    def start(cls, k: int, at_ms: int) -> Evidence:
        """No evidence."""
        shape = (k, N_SIDES, len(SIZES))
        mixed, bereft, floor, page = (np.zeros(shape, np.float32) for _ in range(4))
        zero_ms, since = np.full(shape, at_ms, np.int64), np.zeros((*shape, 3), np.float32)
        return cls(mixed, bereft, floor, page, zero_ms, since)

    def add(self, logs: Array, ready: NDArray[np.bool_], sums: Array, end_ms: int) -> None:
        """Take one pane.

        Parameters
        ----------
        logs
            Log e-values, shape (k, 2 detectors, 2, 6).
        ready
            Directions that had events enough, shape (k,).
        sums
            Events, events times residual, and 1, shape (k, 3).
        end_ms
            End of the pane.
        """
        mask = ready[:, None, None]
        budget = logs[:, BUDGET]
        factors, floors = np.exp(budget), np.exp(logs[:, FLOOR])
        bereft = np.minimum((self.bereft + 1) * factors, self.mixed + 1)
        mixed = np.minimum((self.mixed + 1) * factors, LARGEST)
        floor = np.minimum((self.floor + 1) * floors, LARGEST)
        page = np.maximum(self.page + budget, 0)
        self.bereft = np.where(mask, bereft, self.bereft).astype(np.float32)
        self.mixed = np.where(mask, mixed, self.mixed).astype(np.float32)
        self.floor = np.where(mask, floor, self.floor).astype(np.float32)
        self.page = np.where(mask, page, self.page).astype(np.float32)
        none = mask & (self.page == 0)
        self.zero_ms = np.where(none, end_ms, self.zero_ms)
        grown = self.since + (sums * ready[:, None])[:, None, None]
        self.since = np.where(none[..., None], 0, grown).astype(np.float32)

    def clear_budget(self) -> None:
        """Start the budget's detectors anew, as an opening does."""
        self.mixed = np.zeros_like(self.mixed)
        self.bereft = np.zeros_like(self.bereft)

    def clear(self, where: NDArray[np.bool_], end_ms: int) -> None:
        """Forget everything about some directions."""
        for values in (self.mixed, self.bereft, self.floor, self.page, self.since):
            values[where] = 0
        self.zero_ms[where] = end_ms

    def share(self, weights: Array) -> Array:
        """Weighted evidence of each direction; their sum is the mixture."""
        return np.asarray(weights / BETS_PER_DIRECTION * self.mixed.sum(axis=(1, 2), dtype=float))

    def bereft_mixture(self, weights: Array) -> float:
        """The mixture without each bet's best pane."""
        sums = self.bereft.sum(axis=(1, 2), dtype=np.float64)
        return float((weights / BETS_PER_DIRECTION * sums).sum())

    def since_onset(self) -> Array:
        """Sums since the onset of each direction's most winning bet, shape (k, 3)."""
        k = len(self.page)
        best = self.page.reshape(k, -1).argmax(axis=1)
        return np.asarray(self.since.reshape(k, -1, 3)[np.arange(k), best].astype(float))

    def beyond_floor(self) -> Array:
        """Evidence of each direction that it moved beyond the smallest effect, to either side."""
        return np.asarray(self.floor.mean(axis=2, dtype=np.float64).max(axis=1))
