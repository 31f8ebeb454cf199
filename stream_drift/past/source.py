"""The events that a reference is built from: a file, or a stretch of a topic."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stream_drift.config.settings import MonitorSettings
from stream_drift.events.columns import Columns
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.events.record import RecordBatch
from stream_drift.runtime import clock
from stream_drift.runtime.files.read import read_batches, read_rows
from stream_drift.runtime.replay import Tell

LOOK_AT_ROWS = 1_000


@dataclass(slots=True)
class Source:
    """Records and what to read from them; ``rejected`` fills up while `columns` is read."""

    name: str
    mapping: EventMapping
    batches: Iterable[RecordBatch]
    rejected: Tally[str] = field(default_factory=Tally)

    def columns(self, tell: Tell) -> Iterator[Columns]:
        """The decoded batches."""
        decoder, n_read = Decoder(self.mapping), 0
        for batch in self.batches:
            columns = decoder.decode(batch)
            self.rejected.update(reject.reason for reject in columns.rejects)
            yield columns
            n_read += len(batch)
            tell("reading", n_read, None)


def file_source(
    monitor: MonitorSettings,
    path: Path,
    more_numbers: tuple[Field, ...] = (),
    more_categories: tuple[Field, ...] = (),
) -> Source:
    """All rows of a file; their times and ids do not matter, and no filter applies.

    A feature that no row has at its path is read under its name: files to train from are often
    flat where live events are nested. More columns than the watched ones may be asked for.
    """
    rows = list(read_rows(path, LOOK_AT_ROWS))
    mapping = EventMapping(
        _where_found((*monitor.numbers, *more_numbers), rows),
        _where_found((*monitor.categories, *more_categories), rows),
    )
    return Source(str(path), mapping, read_batches(path, mapping, clock.now_ms()))


def _where_found(fields: Sequence[Field], rows: Sequence[dict[str, Any]]) -> tuple[Field, ...]:
    return tuple(
        each if any(_has(row, each.path) for row in rows) else Field(each.name, (each.name,))
        for each in fields
    )


def _has(row: dict[str, Any], path: Sequence[str]) -> bool:
    if ".".join(path) in row:
        return True
    found: object = row
    for key in path:
        if not isinstance(found, dict) or key not in found:
            return False
        found = found[key]
    return True
