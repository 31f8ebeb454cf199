"""Log records as bytes: a version, then MessagePack. What the profiles topic holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from stream_drift.errors import WireFormatError
from stream_drift.events.record import PartitionId
from stream_drift.profiles.codec import pack_profile, unpack_profile
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.sample import Sample, SampledRow
from stream_drift.windows.log import Command, Ledger, LogRecord, Lost, Progress, Snapshot

VERSION = 1
SNAPSHOT, LEDGER, LOST, PROGRESS, COMMAND = range(1, 6)

_Where = tuple[str, str, int]
_Sample = tuple[list[str], float, list[tuple[int, int, int, bytes, list[Any]]]]
_FIELDS: Mapping[int, Any] = {
    SNAPSHOT: tuple[_Where, int, int, int, list[Any], _Sample | None],
    LEDGER: tuple[_Where, int, int, int, int, list[tuple[str, int]], list[tuple[int, int]]],
    LOST: tuple[_Where, int, int],
    PROGRESS: tuple[_Where, int, int, int | None, int | None],
    COMMAND: tuple[str, str, str, dict[str, str]],
}


def encode_record(record: LogRecord) -> bytes:
    """The record on the wire; equal records give equal bytes."""
    return bytes([VERSION]) + msgspec.msgpack.encode(_pack(record))


def _pack(record: LogRecord) -> list[Any]:
    if isinstance(record, Command):
        arguments = dict(sorted(record.arguments.items()))
        return [COMMAND, record.action, record.by, record.why, arguments]
    where = [record.partition.topic, record.partition.topic_id, record.partition.number]
    match record:
        case Snapshot(_, block_start, upto, pane, profile, sample):
            packed = [pack_profile(profile), _pack_sample(sample)]
            return [SNAPSHOT, where, block_start, upto, pane, *packed]
        case Ledger(_, block_start, upto, events, late, rejected, panes):
            counts = [sorted(rejected.items()), sorted(panes.items())]
            return [LEDGER, where, block_start, upto, events, late, *counts]
        case Lost(_, start, end):
            return [LOST, where, start, end]
        case Progress(_, count, position, watermark, idle):
            return [PROGRESS, where, count, position, watermark, idle]


def _pack_sample(sample: Sample | None) -> list[Any] | None:
    if sample is None:
        return None
    return [list(sample.names), sample.rate, list(sample.rows)]


def _unpack_sample(packed: _Sample | None) -> Sample | None:
    if packed is None:
        return None
    names, rate, rows = packed
    found = [
        SampledRow(offset, time_ms, place, identity, tuple(values))
        for offset, time_ms, place, identity, values in rows
    ]
    return Sample(tuple(names), rate, tuple(found))


def decode_record(data: bytes, layout: Layout) -> LogRecord:
    """Read what `encode_record` wrote, profiles on ``layout``.

    Raises
    ------
    WireFormatError
        Where the bytes are damaged or of a version that this program does not know.
    """
    if not data or data[0] != VERSION:
        found = data[0] if data else "none"
        message = f"log record of wire version {found}, this program reads {VERSION}"
        raise WireFormatError(message)
    try:
        kind, *fields = msgspec.msgpack.decode(memoryview(data)[1:])
        return _unpack(kind, msgspec.convert(fields, _FIELDS[kind]), layout)
    except (msgspec.DecodeError, ValueError, TypeError, KeyError) as error:
        message = f"damaged log record of {len(data)} bytes: {error}"
        raise WireFormatError(message) from error


def _unpack(kind: int, fields: tuple[Any, ...], layout: Layout) -> LogRecord:
    if kind == COMMAND:
        return Command(*fields)
    where, *rest = fields
    partition = PartitionId(*where)
    if kind == SNAPSHOT:
        start, upto, pane, packed, sample = rest
        profile = unpack_profile(packed, layout)
        return Snapshot(partition, start, upto, pane, profile, _unpack_sample(sample))
    if kind == LEDGER:
        start, upto, events, late, rejected, panes = rest
        return Ledger(partition, start, upto, events, late, dict(rejected), dict(panes))
    return Lost(partition, *rest) if kind == LOST else Progress(partition, *rest)
