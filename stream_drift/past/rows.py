"""The events of one input between two moments, row by row."""

from __future__ import annotations

import hashlib
import math
from collections import Counter as Tally
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import NamedTuple

import numpy as np

from stream_drift.events.category import category_text
from stream_drift.events.columns import INVALID_CATEGORY, Columns
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping
from stream_drift.events.record import RecordBatch

Value = float | str | None


class Row(NamedTuple):
    """One event; rows sort by event time, then by where they stand.

    Attributes
    ----------
    id
        The event's id as it is, or ``topic/partition/offset`` where events have none.
    values
        In the order of the input's columns; ``None`` where there was no usable value.
    """

    time_ms: int
    topic: str
    partition: int
    offset: int
    id: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Event time from ``start_ms`` up to, not including, ``end_ms``."""

    start_ms: int
    end_ms: int


@dataclass(slots=True)
class Count:
    """What was read: records, events of the span, and rejects by reason."""

    n_records: int = 0
    n_events: int = 0
    rejected: Tally[str] = field(default_factory=Tally)


def column_names(mapping: EventMapping) -> tuple[str, ...]:
    """The columns of a row's values."""
    return tuple(column.name for column in (*mapping.numbers, *mapping.categories))


def read_rows(
    topic: str,
    mapping: EventMapping,
    batches: Iterable[tuple[int, RecordBatch]],
    span: Span,
    count: Count,
) -> Iterator[Row]:
    """Decode records and give the events of the span; ``count`` fills up.

    Parameters
    ----------
    batches
        Partition number and records.
    """
    decoder = Decoder(mapping)
    for number, batch in batches:
        columns = decoder.decode(batch)
        inside = (columns.times_ms >= span.start_ms) & (columns.times_ms < span.end_ms)
        chosen = np.flatnonzero(inside).tolist()
        count.n_records += len(batch)
        count.n_events += len(chosen)
        count.rejected.update(reject.reason for reject in columns.rejects)
        yield from _rows(topic, number, columns, chosen)


def at_most(rows: Iterable[Row], n: int) -> list[Row]:
    """At most ``n`` rows, sorted: those whose ids hash lowest.

    The choice depends neither on the order nor on the partitions of the rows.
    """
    kept: list[tuple[bytes, Row]] = []
    for row in rows:
        kept.append((hashlib.blake2b(row.id.encode(), digest_size=8).digest(), row))
        if len(kept) > 2 * n:
            kept = nsmallest(n, kept)
    return sorted(row for _, row in nsmallest(n, kept))


def _rows(topic: str, number: int, columns: Columns, chosen: list[int]) -> Iterator[Row]:
    offsets, times, ids = columns.offsets.tolist(), columns.times_ms.tolist(), columns.ids
    for i in chosen:
        name = f"{topic}/{number}/{offsets[i]}" if ids is None else ids[i]
        yield Row(times[i], topic, number, offsets[i], name, _values(columns, i))


def _values(columns: Columns, i: int) -> tuple[Value, ...]:
    numbers = [value if math.isfinite(value) else None for value in columns.numbers[i].tolist()]
    return (*numbers, *(_text(column[i]) for column in columns.categories))


def _text(value: object) -> str | None:
    return None if value is None or value is INVALID_CATEGORY else category_text(value)
