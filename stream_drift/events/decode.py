"""Bytes to columns: the records of a batch as events of one monitor. The hot path."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.category import category_text
from stream_drift.events.columns import INVALID_CATEGORY, Columns, Reject
from stream_drift.events.identity import id_texts
from stream_drift.events.leaves import Leaves
from stream_drift.events.lenient import Fault
from stream_drift.events.mapping import EventMapping
from stream_drift.events.record import RecordBatch
from stream_drift.events.rows import RowReader
from stream_drift.events.shape import compile_shape, read_paths
from stream_drift.events.time import times_ms
from stream_drift.events.timeliness import fault_of_time, untimely


class Decoder:
    """Reads the records of one input as events of one monitor; holds no state between batches."""

    def __init__(self, mapping: EventMapping) -> None:
        self._mapping = mapping
        self._reader = RowReader(compile_shape(read_paths(mapping)))

    def decode(self, batch: RecordBatch) -> Columns:
        """The events of a batch, its rejects, and how many records the filter left out.

        Every record is exactly one of the three. Never raises for what a record holds.
        """
        table, faults = self._reader.read(batch.values)
        rows = _all_but([row for row, _ in faults], len(batch))
        leaves = Leaves(table.leaf_columns(), len(table))
        record_times = batch.timestamps_ms[rows]
        times = self._times(leaves, record_times)
        good = meant = self._meant(leaves, len(rows))
        wrong = meant & untimely(times, record_times)
        if wrong.any():
            good = meant & ~wrong
            faults += _faults_of_times(rows[wrong], times[wrong], record_times[wrong])
        if not good.all():
            rows, times, leaves = rows[good], times[good], leaves.only(good)
        rejects = [Reject(row, int(batch.offsets[row]), *fault) for row, fault in sorted(faults)]
        n_filtered = len(meant) - int(np.count_nonzero(meant))
        return self._columns(batch, rows, times, leaves, tuple(rejects), n_filtered)

    def _times(self, leaves: Leaves, record_times: NDArray[np.int64]) -> NDArray[np.int64]:
        path = self._mapping.time
        return record_times if path is None else times_ms(leaves.scalars(path))

    def _meant(self, leaves: Leaves, n: int) -> NDArray[np.bool_]:
        where = self._mapping.where
        if where is None:
            return np.ones(n, np.bool_)
        wanted = category_text(where.equals)
        return np.array(
            [_reads_as(value, wanted) for value in leaves.scalars(where.path)], np.bool_
        )

    def _ids(self, leaves: Leaves, offsets: NDArray[np.int64]) -> list[str] | None:
        path = self._mapping.event_id
        return None if path is None else id_texts(leaves.scalars(path), offsets)

    def _columns(
        self,
        batch: RecordBatch,
        rows: NDArray[np.int64],
        times: NDArray[np.int64],
        leaves: Leaves,
        rejects: tuple[Reject, ...],
        n_filtered: int,
    ) -> Columns:
        mapping, offsets = self._mapping, batch.offsets[rows]
        return Columns(
            offsets=offsets,
            times_ms=times,
            record_times_ms=batch.timestamps_ms[rows],
            numbers=leaves.numbers(mapping.numbers),
            categories=tuple(leaves.scalars(field.path) for field in mapping.categories),
            ids=self._ids(leaves, offsets),
            rejects=rejects,
            n_filtered=n_filtered,
        )


def _all_but(left_out: list[int], n: int) -> NDArray[np.int64]:
    kept = np.ones(n, np.bool_)
    kept[left_out] = False
    return np.flatnonzero(kept)


def _reads_as(value: object, wanted: str) -> bool:
    if value is None or value is INVALID_CATEGORY:
        return False
    return value == wanted or category_text(value) == wanted


def _faults_of_times(
    rows: NDArray[np.int64], times: NDArray[np.int64], record_times: NDArray[np.int64]
) -> list[tuple[int, Fault]]:
    found = zip(rows.tolist(), times.tolist(), record_times.tolist(), strict=True)
    return [(row, fault_of_time(time, record_time)) for row, time, record_time in found]
