"""The records of a batch to rows of one shape: fast where possible, slow where necessary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import astuple

from stream_drift.events.lenient import NEVER_TOO_DEEP, Fault, is_too_deep, read_leniently
from stream_drift.events.shape import Shape
from stream_drift.events.table import Table
from stream_drift.events.typed import typed_decoder

_REFUSED = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)


class Rows(NamedTuple):
    """The rows of all readable records in order, and (record, fault) of the others."""

    table: Table
    faults: list[tuple[int, Fault]]


class RowReader:
    """Reads records as rows of one shape; holds no state between batches."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._typed = typed_decoder(shape)

    def read(self, records: Sequence[bytes | None]) -> Rows:
        """The rows of all records that are JSON objects."""
        rows = self._read(records, records)
        # Only now: the lengths cost a third of what they cost while the records are still cold.
        if _longest(records) > NEVER_TOO_DEEP:
            shallow = [b"" if record and is_too_deep(record) else record for record in records]
            if b"" in shallow:
                return self._read(records, shallow)
        return rows

    def _read(self, records: Sequence[bytes | None], shallow: Sequence[bytes | None]) -> Rows:
        """Fast what is in ``shallow``, slowly those of ``records`` that this refuses."""
        table = Table(self._shape)
        faults: list[tuple[int, Fault]] = []
        pending = map(astuple, map(self._typed, shallow))
        while True:
            try:
                table.add(pending)
            except _REFUSED:
                # The next record is the one behind it.
                at = len(table) + len(faults)
                row = read_leniently(records[at], self._shape)
                if isinstance(row, Fault):
                    faults.append((at, row))
                else:
                    table.add(iter([row]))
            else:
                return Rows(table, faults)


def _longest(records: Sequence[bytes | None]) -> int:
    try:
        return max(map(len, records), default=0)  # type: ignore[arg-type] # tombstones: below
    except TypeError:
        return max(map(len, filter(None, records)), default=0)
