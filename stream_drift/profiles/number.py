"""Number columns to cells: which bin each value falls in, and its place on the moment grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.columns import INVALID, NOT_FINITE
from stream_drift.profiles.edge_search import EdgeSearch
from stream_drift.profiles.layout import GRID_PER_SD, WINSOR_SD, Layout


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
        self._centres = np.array([part.centre for part in layout.numbers])
        self._grid_per_unit = GRID_PER_SD / np.array([part.unit for part in layout.numbers])

    def cells(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """The one cell that each value counts in.

        Parameters
        ----------
        values
            Shape (n, n_numbers), with the codes of `stream_drift.events.columns`.

        Returns
        -------
        int64, shape (n_numbers, n)
            Indices into the additive vector.
        """
        columns = np.ascontiguousarray(values.T)
        cells = self._search.cells(columns)
        if not np.isfinite(columns).all():
            self._move_unusable(columns, cells)
        return cells

    def _move_unusable(self, columns: NDArray[np.float64], cells: NDArray[np.int64]) -> None:
        marks = {
            "missing": np.isnan(columns),
            "invalid": columns == INVALID,
            "not_finite": columns == NOT_FINITE,
        }
        for name, mark in marks.items():
            np.copyto(cells, self._unusable[name][:, None], where=mark)

    def grid(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Values as whole multiples of 2**-16 reference sd, winsorised; 0 where unusable.

        Shape (n, n_numbers), as ``values``.
        """
        finite = np.isfinite(values)
        if not finite.all():
            values = np.where(finite, values, self._centres)
        with np.errstate(over="ignore"):  # values near the end of float64 are winsorised below
            scaled = (values - self._centres) * self._grid_per_unit
        limit = WINSOR_SD * GRID_PER_SD
        np.clip(scaled, -limit, limit, out=scaled)
        np.rint(scaled, out=scaled)
        return np.asarray(scaled, np.int64)
