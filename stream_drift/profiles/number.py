"""Number columns to cells: which bin each value falls in, and its place on the moment grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.columns import INVALID, NOT_FINITE
from stream_drift.profiles.edge_search import EdgeSearch
from stream_drift.profiles.layout import GRID_PER_SD, SQUARE_LOW_BITS, WINSOR_SD, Layout

Floats = NDArray[np.float64]


class NumberCoder:
    """Maps a table of values to cells of a profile's vector, all number features at once."""

    def __init__(self, layout: Layout) -> None:
        n, first_bin = layout.n_numbers, layout.slices["bins"].start
        edges = [part.edges for part in layout.numbers]
        self._search = EdgeSearch(edges, layout.bin_starts[:n] + first_bin)
        self._unusable = {
            name: layout.slices[name].start + np.arange(n)
            for name in ("missing", "invalid", "not_finite")
        }
        self._centres = np.array([[part.centre] for part in layout.numbers]).reshape(n, 1)
        units = np.array([[part.unit] for part in layout.numbers]).reshape(n, 1)
        self._grid_per_unit = GRID_PER_SD / units

    def cells(self, columns: Floats) -> NDArray[np.int64]:
        """The one cell that each value counts in.

        Parameters
        ----------
        columns
            Shape (n_numbers, n), with the codes of `stream_drift.events.columns`.

        Returns
        -------
        int64, shape (n_numbers, n)
            Indices into the additive vector.
        """
        cells = self._search.cells(columns)
        if not np.isfinite(columns).all():
            self._move_unusable(columns, cells)
        return cells

    def _move_unusable(self, columns: Floats, cells: NDArray[np.int64]) -> None:
        marks = {
            "missing": np.isnan(columns),
            "invalid": columns == INVALID,
            "not_finite": columns == NOT_FINITE,
        }
        for name, mark in marks.items():
            np.copyto(cells, self._unusable[name][:, None], where=mark)

    def moments(self, columns: Floats) -> NDArray[np.int64]:
        """What each value adds to the sums and to the words of the squares.

        On the grid of whole multiples of 2**-16 reference sd, winsorised; 0 where unusable.

        Returns
        -------
        int64, shape (3 * n_numbers, n)
            In the order of the additive vector.
        """
        finite = np.isfinite(columns)
        if not finite.all():
            columns = np.where(finite, columns, self._centres)
        with np.errstate(over="ignore"):  # values near the end of float64 are winsorised below
            scaled = (columns - self._centres) * self._grid_per_unit
        limit = WINSOR_SD * GRID_PER_SD
        np.clip(scaled, -limit, limit, out=scaled)
        np.rint(scaled, out=scaled)
        moments = np.empty((3, *scaled.shape), np.int64)
        moments[0] = scaled
        squares = moments[0] * moments[0]
        np.right_shift(squares, SQUARE_LOW_BITS, out=moments[1])
        np.bitwise_and(squares, (1 << SQUARE_LOW_BITS) - 1, out=moments[2])
        return moments.reshape(3 * len(columns), columns.shape[1])
