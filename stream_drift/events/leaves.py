"""Leaf columns, one per path that is read, to the columns that features ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.cells import number_cell
from stream_drift.events.mapping import Field, Path
from stream_drift.events.shape import flat_key
from stream_drift.events.table import Cells


class Leaves:
    """The columns of one batch by path; a flat key wins over a nested path of the same name."""

    __slots__ = ("_columns", "_length")

    def __init__(self, columns: Mapping[Path, Cells], length: int) -> None:
        self._columns = columns
        self._length = length

    def only(self, chosen: NDArray[np.bool_]) -> Leaves:
        """The chosen rows; ``chosen`` has shape (n,)."""
        selectors = chosen.tolist()
        columns: dict[Path, Cells] = {
            path: list(compress(cells, selectors)) if isinstance(cells, list) else cells[chosen]
            for path, cells in self._columns.items()
        }
        return Leaves(columns, sum(selectors))

    def scalars(self, path: Path) -> list[object]:
        """The values of a category, an id, a time or a filter."""
        column = list(self._columns[path])
        if len(path) == 1:
            return column
        flat = self._columns[flat_key(path)]
        return [b if a is None else a for a, b in zip(flat, column, strict=True)]

    def numbers(self, fields: Sequence[Field]) -> NDArray[np.float64]:
        """The cells of number features: shape (n, n_fields), each feature's cells side by side."""
        table = np.empty((len(fields), self._length))
        for cells, field in zip(table, fields, strict=True):
            cells[:] = self._number(field.path)
            if len(field.path) > 1:
                flat = self._number(flat_key(field.path))
                np.copyto(cells, flat, where=~np.isnan(flat))
        return table.T

    def _number(self, path: Path) -> NDArray[np.float64]:
        cells = self._columns[path]
        if isinstance(cells, list):
            return np.array([number_cell(value) for value in cells], np.float64)
        return cells
