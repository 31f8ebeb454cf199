"""Leaf columns, one per path that is read, to the columns that features ask for."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.cells import number_cell
from stream_drift.events.mapping import Field, Path
from stream_drift.events.shape import flat_key


class Leaves:
    """The columns of one batch by path; a flat key wins over a nested path of the same name."""

    __slots__ = ("_columns", "_length", "_paths")

    def __init__(
        self, columns: Mapping[Path, list[object]], paths: Mapping[Path, bool], length: int
    ) -> None:
        self._columns = columns
        self._paths = paths
        self._length = length

    def only(self, chosen: NDArray[np.bool_]) -> Leaves:
        """The chosen rows; ``chosen`` has shape (n,)."""
        selectors = chosen.tolist()
        columns = {path: list(compress(all_, selectors)) for path, all_ in self._columns.items()}
        return Leaves(columns, self._paths, sum(selectors))

    def scalars(self, path: Path) -> list[object]:
        """The values of a category, an id, a time or a filter."""
        column = self._columns[path]
        if len(path) == 1:
            return column
        flat = self._columns[flat_key(path)]
        return [b if a is None else a for a, b in zip(flat, column, strict=True)]

    def numbers(self, fields: Sequence[Field]) -> NDArray[np.float64]:
        """The cells of number features: shape (n, n_fields), each feature's cells side by side."""
        nested = [field.path for field in fields if len(field.path) > 1]
        table = self._table([field.path for field in fields])
        if nested:
            flat = iter(self._table([flat_key(path) for path in nested]))
            for cells, field in zip(table, fields, strict=True):
                if len(field.path) > 1:
                    winners = next(flat)
                    np.copyto(cells, winners, where=~np.isnan(winners))
        return table.T

    def _table(self, paths: Sequence[Path]) -> NDArray[np.float64]:
        buffer = bytearray(8 * self._length * len(paths))
        table = np.frombuffer(buffer, np.float64).reshape(len(paths), self._length)
        pack = struct.Struct(f"{self._length}d").pack_into
        for i, path in enumerate(paths):
            column = self._columns[path]
            if not self._paths[path]:
                column = [number_cell(value) for value in column]
            try:
                # Half the time of an assignment, which is left with the columns that hold nulls.
                pack(buffer, 8 * self._length * i, *column)
            except struct.error:
                table[i] = np.array(column, np.float64)
        return table
