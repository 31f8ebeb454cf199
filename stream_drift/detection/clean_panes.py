"""What is kept of clean panes: enough to learn season and noise from, in bounded space."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LAGS = (1, 2, 3, 6)
"""Distances in panes at which levels are compared."""


@dataclass(slots=True, eq=False)
class Block:
    """An hour (or a longer pane) being filled; arrays per direction."""

    index: int
    panes: Array
    weight: Array
    weighted: Array
    sums: Array
    squares: Array

    @classmethod
    def start(cls, index: int, k: int) -> Block:
        """A block without panes."""
        return cls(index, *(np.zeros(k) for _ in range(5)))


@dataclass(slots=True, eq=False)
class CleanPanes:
    """Block means, and sums over panes; directions that were not clean are left out of both.

    Attributes
    ----------
    blocks, means
        Index and direction means of every full block, float32, NaN where there were none.
    lag_squares, lag_pairs
        Squared differences of panes ``LAGS`` apart, and how many, shape (4, k).
    panes, inverse_n, spread
        Number of panes, sums of 1/n and of the variance within a pane, shape (k,).
    within, inverse_block_n
        Squares of panes about their block's mean, and sum of 1/n of blocks, shape (k,).
    """

    k: int
    blocks: list[int] = field(default_factory=list)
    means: list[NDArray[np.float32]] = field(default_factory=list)
    open: Block | None = None
    recent: list[tuple[int, Array]] = field(default_factory=list)
    lag_squares: Array = field(init=False)
    lag_pairs: Array = field(init=False)
    panes: Array = field(init=False)
    inverse_n: Array = field(init=False)
    spread: Array = field(init=False)
    within: Array = field(init=False)
    inverse_block_n: Array = field(init=False)

    def __post_init__(self) -> None:
        """Start all sums at zero."""
        self.lag_squares, self.lag_pairs = (np.zeros((len(LAGS), self.k)) for _ in range(2))
        self.panes, self.inverse_n, self.spread = (np.zeros(self.k) for _ in range(3))
        self.within, self.inverse_block_n = np.zeros(self.k), np.zeros(self.k)

    def add(
        self, pane: int, block: int, means: Array, n: Array, spread: Array, clean: NDArray[np.bool_]
    ) -> None:
        """Count one pane.

        Parameters
        ----------
        pane, block
            Indices of the pane and of its block.
        means, n, spread
            Per direction the mean, the events and the variance within the pane.
        clean
            Directions that count.
        """
        if self.open is None or self.open.index != block:
            self._close_block()
            self.open = Block.start(block, self.k)
        n = np.maximum(n, 1.0)
        self.panes += clean
        self.inverse_n += clean / n
        self.spread += np.where(clean, spread, 0)
        values = np.where(clean, means, 0.0)
        self.open.panes += clean
        self.open.weight += clean * n
        self.open.weighted += values * n
        self.open.sums += values
        self.open.squares += values**2
        self._compare(pane, np.where(clean, means, np.nan))

    def _compare(self, pane: int, means: Array) -> None:
        for row, lag in enumerate(LAGS):
            for index, earlier in self.recent:
                if pane - index == lag:
                    gap = means - earlier
                    known = np.isfinite(gap)
                    self.lag_squares[row] += np.where(known, gap, 0) ** 2
                    self.lag_pairs[row] += known
        self.recent = [*self.recent, (pane, means)][-LAGS[-1] :]

    def _close_block(self) -> None:
        block = self.open
        if block is None:
            return
        some = block.panes > 0
        panes, weight = np.maximum(block.panes, 1), np.maximum(block.weight, 1)
        mean = np.where(some, block.weighted / weight, np.nan)
        self.blocks.append(block.index)
        self.means.append(mean.astype(np.float32))
        self.within += np.maximum(block.squares - block.sums**2 / panes, 0)
        self.inverse_block_n += some / weight

    @property
    def table(self) -> Array:
        """Means of the full blocks, shape (n_blocks, k)."""
        return np.array(self.means, np.float64).reshape(len(self.means), self.k)
