"""The records of a batch to rows of one shape: fast where possible, slow where necessary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import astuple

from stream_drift.events.columns import MISSING
from stream_drift.events.lenient import NEVER_TOO_DEEP, Fault, Row, is_too_deep, read_leniently
from stream_drift.events.mapping import Path
from stream_drift.events.shape import Shape
from stream_drift.events.typed import typed_decoder

_REFUSED = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)


class Rows(NamedTuple):
    """The values of all readable records one after the other, and (record, fault) of the others."""

    values: list[Any]
    faults: list[tuple[int, Fault]]


class RowReader:
    """Reads records as rows of one shape; holds no state between batches."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._width = len(shape.keys)
        self._typed = typed_decoder(shape)

    def read(self, records: Sequence[bytes | None]) -> Rows:
        """The rows of all records that are JSON objects."""
        if self._typed is None:
            return self._read_all_slowly(records)
        rows = self._read(records, self._typed, records)
        # Only now: the lengths cost a third of what they cost while the records are still cold.
        if _longest(records) > NEVER_TOO_DEEP:
            shallow = [b"" if record and is_too_deep(record) else record for record in records]
            if b"" in shallow:
                return self._read(records, self._typed, shallow)
        return rows

    def _read(
        self,
        records: Sequence[bytes | None],
        typed: Callable[[bytes], msgspec.Struct],
        shallow: Sequence[bytes | None],
    ) -> Rows:
        """Fast what is in ``shallow``, slowly those of ``records`` that this refuses."""
        rows = Rows([], [])
        pending = map(astuple, map(typed, shallow))  # type: ignore[arg-type] # None: refused
        values = rows.values
        while True:
            # One try for many records: the loop ends with a refused one and goes on behind it.
            try:
                for row in pending:
                    values += row
            except _REFUSED:
                n_done = len(values) // self._width + len(rows.faults)
                self._read_slowly(n_done, records[n_done], rows)
            else:
                return rows

    def _read_all_slowly(self, records: Sequence[bytes | None]) -> Rows:
        rows = Rows([], [])
        for at, record in enumerate(records):
            self._read_slowly(at, record, rows)
        return rows

    def _read_slowly(self, at: int, record: bytes | None, rows: Rows) -> None:
        row = read_leniently(record, self._shape)
        if isinstance(row, Fault):
            rows.faults.append((at, row))
        else:
            rows.values.extend(row)


def _longest(records: Sequence[bytes | None]) -> int:
    try:
        return max(map(len, records), default=0)  # type: ignore[arg-type] # tombstones: below
    except TypeError:
        return max(map(len, filter(None, records)), default=0)


def leaf_columns(shape: Shape, values: list[Any]) -> dict[Path, list[Any]]:
    """The column of every path of the shape, from the values of its rows one after the other."""
    return dict(_columns(shape, values, ()))


def _columns(shape: Shape, values: list[Any], above: Path) -> Iterator[tuple[Path, list[Any]]]:
    width = len(shape.keys)
    for i, key in enumerate(shape.leaves):
        yield (*above, key), values[i::width]
    for i, (key, branch) in enumerate(shape.branches, len(shape.leaves)):
        absent = _absent_row(branch)
        inner = chain.from_iterable(
            absent if value is None else value if isinstance(value, tuple) else astuple(value)
            for value in values[i::width]
        )
        yield from _columns(branch, list(inner), (*above, key))


def _absent_row(shape: Shape) -> Row:
    rest = len(shape.scalars) + len(shape.branches)
    return (MISSING,) * len(shape.numbers) + (None,) * rest
