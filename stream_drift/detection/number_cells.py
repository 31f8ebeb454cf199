"""The cells in which number features are bet on: coarse bins, with the 1 % tails apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.legendre import N_SHAPES, shapes
from stream_drift.profiles.layout import NumberLayout
from stream_drift.profiles.profile import Profile

Array = NDArray[np.float64]
LARGEST_TAIL = 0.0125
"""A tail is the outermost bins that together hold at most this share of the reference."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberCells:
    """All number features as one padded table of cells.

    Attributes
    ----------
    cell_of_bin
        For every bin of every number, in vector order, its place in the flattened table.
    n_cells
        Cells per number, shape (n_numbers,); the first is the low tail, the last the high one,
        each with its out-of-range bin.
    shares
        Reference share of each cell, shape (n_numbers, width).
    phi
        The shapes' value in each cell, shape (n_numbers, 4, width); padding repeats the last.
    """

    cell_of_bin: NDArray[np.int64]
    n_cells: NDArray[np.int64]
    shares: Array
    phi: Array

    @classmethod
    def of(cls, reference: Profile) -> NumberCells:
        """Cells of the reference's numbers."""
        layout = reference.layout
        groups = [
            _cells_of_bins(part, reference.bins_of(i).astype(float))
            for i, part in enumerate(layout.numbers)
        ]
        n_cells = np.array([int(group[-1]) + 1 for group in groups], np.int64)
        width = int(n_cells.max(initial=1))
        flat = [group + i * width for i, group in enumerate(groups)]
        cell_of_bin = np.concatenate(flat) if flat else np.zeros(0, np.int64)
        counts = _table(reference, cell_of_bin, len(groups), width)
        totals = counts.sum(axis=1, keepdims=True)
        shares = counts / np.maximum(totals, 1)
        phi = np.zeros((len(groups), N_SHAPES, width))
        for i, n in enumerate(n_cells.tolist()):
            if totals[i] > 0:
                phi[i, :, :n] = shapes(shares[i, :n])
                phi[i, :, n:] = phi[i, :, n - 1 : n]
        return cls(cell_of_bin, n_cells, shares, phi)

    def counts(self, profile: Profile) -> Array:
        """Events per cell, shape (n_numbers, width)."""
        return _table(profile, self.cell_of_bin, *self.shares.shape)

    @property
    def exists(self) -> NDArray[np.bool_]:
        """Which shapes the reference can tell apart, shape (n_numbers, 4)."""
        return np.asarray(np.ptp(self.phi, axis=2) > 0)

    @property
    def lowest(self) -> Array:
        """Least value of every shape, shape (4 * n_numbers,)."""
        return np.asarray(self.phi.min(axis=2).ravel())

    @property
    def highest(self) -> Array:
        """Greatest value of every shape, shape (4 * n_numbers,)."""
        return np.asarray(self.phi.max(axis=2).ravel())


def _table(profile: Profile, cells: NDArray[np.int64], n_numbers: int, width: int) -> Array:
    bins = profile.view("bins")[: len(cells)]
    flat = np.bincount(cells, weights=bins, minlength=n_numbers * width)
    return np.asarray(flat.reshape(n_numbers, width))


def _cells_of_bins(part: NumberLayout, counts: Array) -> NDArray[np.int64]:
    """The cell of each bin: its coarse bin, but for the tails, which are cells of their own."""
    below = np.cumsum(counts) / max(counts.sum(), 1)
    above = np.cumsum(counts[::-1])[::-1] / max(counts.sum(), 1)
    low, high = below <= LARGEST_TAIL, above <= LARGEST_TAIL
    low[0] = high[-1] = True
    if low.all() or high.all():  # no events at all: only the out-of-range bins are tails
        low[1:] = False
        high[:-1] = False
    group = np.where(low, -1, np.where(high, len(counts), np.array(part.coarse)))
    return np.unique(group, return_inverse=True)[1].astype(np.int64)
