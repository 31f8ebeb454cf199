"""The events that a reference is built from: a file, or a stretch of a topic."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stream_drift.config.durations import parse_duration
from stream_drift.config.settings import MonitorSettings, Settings, mapping_of
from stream_drift.config.values import parse_instant
from stream_drift.errors import UsageError
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


def topic_source(
    settings: Settings, monitor: MonitorSettings, topic: str, since: str | None, until: str | None
) -> Source:
    """The events of a topic between two moments; any topic that has all that is watched.

    Parameters
    ----------
    topic
        Empty: the monitor's only input that carries features and predictions.
    since, until
        A date, a time or a length of time before now, by the records' timestamps.

    Raises
    ------
    UsageError
        Where no single topic holds all that is watched, or a moment is none.
    """
    from stream_drift.kafka.history import read_topic  # no client where a file is read

    inputs = {source.topic: source for source in monitor.inputs}
    topic = topic or _only_topic(monitor)
    mapping = EventMapping(monitor.numbers, monitor.categories)
    if topic in inputs:
        mapping = replace(mapping_of(monitor, inputs[topic]), event_id=None)
    watched = len(monitor.numbers) + len(monitor.categories)
    if len(mapping.numbers) + len(mapping.categories) < watched:
        message = (
            f"topic {topic!r} does not carry all that monitor {monitor.name!r} watches: "
            "build the reference from a file that does"
        )
        raise UsageError(message)
    span = _moment("--since", since), _moment("--until", until)
    return Source(f"topic {topic}", mapping, read_topic(settings.kafka, topic, *span))


def window_source(settings: Settings, monitor: MonitorSettings, incident: str) -> Source:
    """The events that an incident is about, from its onset to its last word."""
    from stream_drift.cli.export_incident import Wish, export_incident
    from stream_drift.runtime.export.folder import EVENTS

    with TemporaryDirectory() as folder:
        manifest = export_incident(settings, Wish(incident, Path(folder)))
        if manifest["monitor"] != monitor.name:
            message = f"that incident is of monitor {manifest['monitor']!r}, not {monitor.name!r}"
            raise UsageError(message)
        source = file_source(monitor, Path(folder) / EVENTS)
        return replace(source, name=f"incident {manifest['incident']}", batches=[*source.batches])


def _only_topic(monitor: MonitorSettings) -> str:
    topics = [i.topic for i in monitor.inputs if i.carries & {"features", "prediction"}]
    if len(topics) > 1:
        message = (
            f"monitor {monitor.name!r} reads features and predictions from {', '.join(topics)}: "
            "build the reference from a file that holds both"
        )
        raise UsageError(message)
    return topics[0]


def _moment(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return clock.now_ms() - parse_duration(text)
    except ValueError:
        pass
    try:
        return parse_instant(text)
    except ValueError as error:
        message = f"{option}: {error}, or a length of time before now such as 14d; not {text!r}"
        raise UsageError(message) from error
