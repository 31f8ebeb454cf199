"""Category columns to cells, and the texts that the reference does not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

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
        # Numbers and booleans never meet a text here; None is a key like any other.
        self._by_value: dict[object, int] = dict(self._by_text.items())
        self._by_value[None] = self._missing
        # Filled as they are seen; the type is part of the key, because True == 1 == 1.0.
        self._by_number: dict[tuple[type, object], int] = {}

    def cells(self, column: Sequence[object]) -> tuple[NDArray[np.int64], list[tuple[int, str]]]:
        """The one cell that each value counts in, and (row, text) of every new category.

        Parameters
        ----------
        column
            Raw values as in `stream_drift.events.columns.Columns`.
        """
        cells = _look_up(self._by_value, column, len(column))
        rows = np.flatnonzero(cells == UNKNOWN)
        if not len(rows):
            return cells, []
        values = column if len(rows) == len(column) else [column[row] for row in rows.tolist()]
        typed = zip(map(type, values), values, strict=True)
        cells[rows] = found = _look_up(self._by_number, typed, len(rows))
        new: list[tuple[int, str]] = []
        for row in rows[found == UNKNOWN].tolist():
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
        if not isinstance(value, str) and value == value:  # noqa: PLR0124 - NaN: no key finds it
            self._by_number[type(value), value] = cell
        return cell


def _look_up(table: Mapping[Any, int], keys: Iterable[object], n: int) -> NDArray[np.int64]:
    return np.fromiter(map(table.get, keys, repeat(UNKNOWN)), np.int64, n)
