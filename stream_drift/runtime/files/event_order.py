"""An event file as the log that a punctual producer would have written: ordered by event time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping
from stream_drift.events.record import RecordBatch
from stream_drift.runtime.files.read import BATCH_RECORDS, read_batches

FAR_FUTURE_MS = 253_402_300_799_000
"""The end of the year 9999: no event time lies ahead of it."""
_NO_TIME = np.iinfo(np.int64).min

Times = NDArray[np.int64]


def read_times(path: Path, mapping: EventMapping, on_read: Callable[[int], None]) -> Times:
    """The event time of every record, int64 ms, shape (n_records,).

    A record without one (it will be rejected or filtered) has the time of the one before it, so
    that it keeps its place.

    Parameters
    ----------
    on_read
        Told how many records each batch had.
    """
    found = [np.empty(0, np.int64)]
    only_time = _only_time(mapping)
    decoder = Decoder(only_time)
    for batch in read_batches(path, only_time, FAR_FUTURE_MS):
        found.append(_times_of(decoder, batch))
        on_read(len(batch))
    return _filled(np.concatenate(found))


def sorted_batches(path: Path, mapping: EventMapping, times_ms: Times) -> Iterator[RecordBatch]:
    """The file's records in order of event time, ties in order of the file.

    Offsets count the records of the sorted log. Memory grows with how far records are from
    their place, not with the file.

    Parameters
    ----------
    times_ms
        What `read_times` gave; each becomes its record's timestamp.
    """
    order = np.argsort(times_ms, kind="stable")
    last_needed = np.maximum.accumulate(order)
    waiting: dict[int, bytes | None] = {}
    done = 0
    for batch in read_batches(path, mapping, FAR_FUTURE_MS):
        waiting.update(zip(batch.offsets.tolist(), batch.values, strict=True))
        ready = int(np.searchsorted(last_needed, batch.next_offset))
        for start in range(done, ready, BATCH_RECORDS):
            stop = min(start + BATCH_RECORDS, ready)
            rows = order[start:stop]
            values = [waiting.pop(row) for row in rows.tolist()]
            yield RecordBatch(np.arange(start, stop), times_ms[rows], values, stop)
        done = ready


def unsorted_batches(path: Path, mapping: EventMapping) -> Iterator[RecordBatch]:
    """The file's records as they stand, stamped with the greatest event time so far."""
    decoder = Decoder(_only_time(mapping))
    greatest = 0
    for batch in read_batches(path, mapping, FAR_FUTURE_MS):
        times = np.maximum(_times_of(decoder, batch), greatest)
        stamps = np.maximum.accumulate(times)
        greatest = int(stamps[-1])
        yield replace(batch, timestamps_ms=stamps)


def _only_time(mapping: EventMapping) -> EventMapping:
    """What reads nothing but the time of the events that the mapping means."""
    return replace(mapping, numbers=(), categories=(), event_id=None)


def _times_of(decoder: Decoder, batch: RecordBatch) -> Times:
    times = np.full(len(batch), _NO_TIME)
    columns = decoder.decode(batch)
    times[columns.offsets - batch.offsets[0]] = columns.times_ms
    return times


def _filled(times: Times) -> Times:
    known = np.flatnonzero(times != _NO_TIME)
    if not len(known):
        return np.zeros_like(times)
    before = np.searchsorted(known, np.arange(len(times)), side="right") - 1
    return np.asarray(times[known[np.maximum(before, 0)]])
