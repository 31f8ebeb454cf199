"""Category columns to cells, and the texts that the reference does not know."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.category import category_text
from stream_drift.events.columns import INVALID_CATEGORY
from stream_drift.profiles.layout import Layout

UNKNOWN = -1


class CategoryCoder:
    """Maps one column of raw values to cells of a profile's vector."""

    def __init__(self, layout: Layout, feature: int) -> None:
        part = layout.categories[feature - layout.n_numbers]
        first = int(layout.bin_starts[feature]) + int(layout.slices["bins"].start)
        rare = first + len(part.kept)
        self._new = rare + 1
        self._missing = int(layout.slices["missing"].start) + feature
        self._invalid = int(layout.slices["invalid"].start) + feature
        self._by_text = dict.fromkeys(part.rare, rare)
        self._by_text.update({text: first + i for i, text in enumerate(part.kept)})
        # None hashes like any key; numbers and booleans must not meet here (True == 1).
        self._by_value: dict[object, int] = dict(self._by_text.items())
        self._by_value[None] = self._missing

    def cells(self, column: Sequence[object]) -> tuple[NDArray[np.int64], list[tuple[int, str]]]:
        """The one cell that each value counts in, and (row, text) of every new category.

        Parameters
        ----------
        column
            Raw values as in `stream_drift.events.columns.Columns`.
        """
        known = self._by_value.get
        found = [
            known(value, UNKNOWN) if value.__class__ is str or value is None else UNKNOWN
            for value in column
        ]
        new: list[tuple[int, str]] = []
        cells = np.array(found, np.int64)
        for row in np.flatnonzero(cells == UNKNOWN).tolist():
            cells[row] = self._slow_cell(row, column[row], new)
        return cells, new

    def _slow_cell(self, row: int, value: object, new: list[tuple[int, str]]) -> int:
        if value is INVALID_CATEGORY:
            return self._invalid
        text = category_text(value)
        cell = self._by_text.get(text)
        if cell is None:
            new.append((row, text))
            return self._new
        return cell
