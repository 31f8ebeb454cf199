"""Sampled rows as plain lists, for checkpoints and the state topic."""

from __future__ import annotations

from typing import Any

from stream_drift.profiles.rows import BlockRows, PaneRows, Row, SourceRows, Sources
from stream_drift.profiles.sample import SampledRow


def pack_pane_rows(rows: PaneRows) -> list[Any]:
    """``[names, rate, rows]``."""
    return [list(rows.names), rows.rate, list(rows.rows)]


def unpack_pane_rows(packed: list[Any], names: tuple[str, ...]) -> PaneRows:
    """The rows with the values of these features, as far as they were kept."""
    known, rate, rows = packed
    if tuple(known) == names:
        return PaneRows(names, rate, tuple(_row(*row) for row in rows))
    place = {name: i for i, name in enumerate(known)}
    at = [place.get(name) for name in names]
    return PaneRows(
        names,
        rate,
        tuple(
            Row(where, identity, time_ms, tuple(None if i is None else values[i] for i in at))
            for where, identity, time_ms, values in rows
        ),
    )


def pack_sources(sources: Sources) -> list[Any]:
    """``[[names, rate, rows], ...]``, the same for the same content."""
    return [[list(names), source.rate, source.rows] for names, source in sorted(sources.items())]


def unpack_sources(packed: list[Any]) -> Sources:
    """What `pack_sources` wrote."""
    return {
        tuple(names): SourceRows(rate, [_row(*row) for row in rows]) for names, rate, rows in packed
    }


def _row(place: int, identity: bytes, time_ms: int, values: list[Any]) -> Row:
    return Row(place, identity, time_ms, tuple(values))


def pack_block_rows(block: BlockRows) -> list[Any]:
    """``[names, rate, rows]``, rows by offset."""
    return [list(block.names), block.rate, [row for _, row in sorted(block.by_offset.items())]]


def unpack_block_rows(packed: list[Any]) -> BlockRows:
    """What `pack_block_rows` wrote."""
    names, rate, rows = packed
    found = [
        SampledRow(offset, time_ms, place, identity, tuple(values))
        for offset, time_ms, place, identity, values in rows
    ]
    return BlockRows(tuple(names), rate, {row.offset: row for row in found})
