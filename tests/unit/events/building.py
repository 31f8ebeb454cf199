"""Records and mappings for these tests."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from stream_drift.events.columns import Columns
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping, Field, Filter
from stream_drift.events.record import RecordBatch

NOW_MS = 1_772_366_400_000  # 2026-03-01T12:00:00Z


def mapping(
    numbers: Sequence[str] = (),
    categories: Sequence[str] = (),
    event_id: str | None = None,
    time: str | None = None,
    where: tuple[str, str] | None = None,
) -> EventMapping:
    """A mapping of dotted paths; features are named as their paths."""
    return EventMapping(
        numbers=tuple(Field(text, tuple(text.split("."))) for text in numbers),
        categories=tuple(Field(text, tuple(text.split("."))) for text in categories),
        event_id=None if event_id is None else tuple(event_id.split(".")),
        time=None if time is None else tuple(time.split(".")),
        where=None if where is None else Filter(tuple(where[0].split(".")), where[1]),
    )


def as_json(**event: object) -> bytes:
    return json.dumps(event).encode()


def batch(
    values: Sequence[bytes | None], first_offset: int = 0, record_time_ms: int = NOW_MS
) -> RecordBatch:
    offsets = np.arange(first_offset, first_offset + len(values), dtype=np.int64)
    times = np.full(len(values), record_time_ms, np.int64)
    return RecordBatch(offsets, times, values, first_offset + len(values))


def decode(wanted: EventMapping, *values: bytes | None) -> Columns:
    return Decoder(wanted).decode(batch(values))
