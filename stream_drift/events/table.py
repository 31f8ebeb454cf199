"""Rows of one shape, taken apart at once: numbers to machine floats, the rest to lists."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
from msgspec.structs import astuple
from numpy.typing import NDArray

from stream_drift.events.columns import MISSING
from stream_drift.events.lenient import Row
from stream_drift.events.mapping import Path
from stream_drift.events.shape import Shape

Cells = NDArray[np.float64] | list[Any]
"""Of a path that is only read as a number: float64, shape (n,); of all others: raw values."""


class Table:
    """Collects the rows of one shape."""

    __slots__ = ("_loose", "_others", "_pack", "_packed", "_shape")

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._pack = struct.Struct(f"{len(shape.numbers)}d").pack
        self._packed: list[bytes] = []
        self._loose: list[Any] = []
        self._others: list[Any] = []

    def add(self, rows: Iterator[Row]) -> None:
        """Take all rows; if the iterator raises, those that came before stay."""
        width = len(self._shape.numbers)
        packed, loose, others, pack = self._packed, self._loose, self._others, self._pack
        if not loose:
            try:
                # The floats die while they are in the cache: a third faster than by column.
                for row in rows:
                    packed.append(pack(*row[:width]))
                    others += row[width:]
            except struct.error:  # a null: where one is there are more, and errors are dear
                rows = chain((row,), rows)
        for row in rows:
            loose += row[:width]
            others += row[width:]

    def __len__(self) -> int:
        width = len(self._shape.numbers)
        return len(self._packed) + (len(self._loose) // width if width else 0)

    def leaf_columns(self) -> dict[Path, Cells]:
        """The column of every path of the shape."""
        return dict(self._columns(()))

    def _columns(self, above: Path) -> Iterator[tuple[Path, Cells]]:
        shape, others = self._shape, self._others
        for key, cells in zip(shape.numbers, self._numbers(), strict=True):
            yield (*above, key), cells
        width = len(shape.scalars) + len(shape.branches)
        for i, key in enumerate(shape.scalars):
            yield (*above, key), others[i::width]
        for i, (key, branch) in enumerate(shape.branches, len(shape.scalars)):
            absent, inner = _absent_row(branch), Table(branch)
            inner.add(
                absent if value is None else value if isinstance(value, tuple) else astuple(value)
                for value in others[i::width]
            )
            yield from inner._columns((*above, key))

    def _numbers(self) -> NDArray[np.float64]:
        """Shape (n_numbers, n)."""
        width, n_packed = len(self._shape.numbers), len(self._packed)
        numbers = np.empty((width, len(self)))
        numbers[:, :n_packed] = np.frombuffer(b"".join(self._packed)).reshape(n_packed, width).T
        if self._loose:
            for i, cells in enumerate(numbers[:, n_packed:]):
                cells[:] = _floats(self._loose[i::width])
        return numbers


def _floats(column: list[float | None]) -> NDArray[np.float64]:
    try:
        return np.frombuffer(struct.pack(f"{len(column)}d", *column))
    except struct.error:
        return np.array(column, np.float64)  # takes None for NaN, at three times the price


def _absent_row(shape: Shape) -> Row:
    rest = len(shape.scalars) + len(shape.branches)
    return (MISSING,) * len(shape.numbers) + (None,) * rest
