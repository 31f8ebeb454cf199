"""What an export reads from the monitor's topics, and how it becomes one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from stream_drift.config.settings import InputSettings, MonitorSettings, Settings, mapping_of
from stream_drift.errors import UsageError
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.events.record import RecordBatch
from stream_drift.kafka.history import Stretches, read_stretches, stretches
from stream_drift.past.join import ENTITY, LABEL, Table, join_entities, join_ids
from stream_drift.past.rows import Count, Row, Span, at_most, column_names, read_rows
from stream_drift.runtime.replay import Tell

MOST_AHEAD_MS = 300_000
"""No event is further ahead of its record's timestamp: those are rejects."""
FOR_EVER_MS = 2**62

Offsets = dict[str, Stretches]
"""Which stretch of every partition of every topic."""


@dataclass(slots=True)
class Exported:
    """The events of the span as one table, the offsets that were read, and what was counted."""

    table: Table
    offsets: Offsets
    counts: dict[str, Count]

    @property
    def n_labelled(self) -> int:
        """Events that have a label."""
        if LABEL not in self.table.names:
            return 0
        return sum(value is not None for value in self.table.column(LABEL))


@dataclass(frozen=True, slots=True)
class _Reading:
    settings: Settings
    monitor: MonitorSettings
    offsets: Offsets
    counts: dict[str, Count]
    tell: Tell

    def rows(self, source: InputSettings, span: Span) -> Iterator[Row]:
        """The events of one input, read where ``offsets`` say, or else anew."""
        if source.topic not in self.offsets:
            since_ms = span.start_ms - MOST_AHEAD_MS
            self.offsets[source.topic] = stretches(self.settings.kafka, source.topic, since_ms)
        ranges = self.offsets[source.topic]
        count = self.counts.setdefault(source.topic, Count())
        batches = self._told(
            source.topic, read_stretches(self.settings.kafka, source.topic, ranges)
        )
        mapping = input_mapping(self.monitor, source)
        return read_rows(source.topic, mapping, self._told(source.topic, batches), span, count)

    def _told(
        self, topic: str, batches: Iterable[tuple[int, RecordBatch]]
    ) -> Iterator[tuple[int, RecordBatch]]:
        total = sum(stop - start for start, stop in self.offsets[topic].values())
        n_done = 0
        for number, batch in batches:
            yield number, batch
            n_done += len(batch)
            self.tell(f"reading {topic}", n_done, total)


def export_events(
    settings: Settings,
    monitor: MonitorSettings,
    span: Span,
    n_most: int,
    offsets: Offsets,
    tell: Tell,
) -> Exported:
    """The monitor's events of a span of event time, with predictions and labels.

    Parameters
    ----------
    n_most
        At most so many events: a fixed choice of them where there are more.
    offsets
        What to read; topics that are not named are read up to their end as it is now.
    """
    base, *others = _base_first(monitor)
    reading = _Reading(settings, monitor, dict(offsets), {}, tell)
    rows = at_most(reading.rows(base, span), n_most)
    table = Table(column_names(input_mapping(monitor, base)), rows)
    ids = {row.id for row in rows}
    later = Span(span.start_ms - MOST_AHEAD_MS, FOR_EVER_MS)
    by_entity = monitor.label is not None and monitor.label.match_entity is not None
    for source in others:
        names = column_names(input_mapping(monitor, source))
        found = reading.rows(source, later)
        if by_entity and source.carries == {"label"}:
            table = join_entities(table, Table(names, sorted(found)))
        else:
            mine = sorted(row for row in found if row.id in ids)
            table = join_ids(table, Table(names, mine))
    if ENTITY in table.names:
        table = table.without(ENTITY)
    return Exported(table, reading.offsets, reading.counts)


def input_mapping(monitor: MonitorSettings, source: InputSettings) -> EventMapping:
    """What to read from one input: what is watched, and the label where it stands there."""
    mapping = mapping_of(monitor, source)
    label = monitor.label
    if label is None:
        return mapping
    if label.match_entity is not None:
        entity = Field(ENTITY, label.match_entity)
        mapping = replace(mapping, categories=(*mapping.categories, entity))
    if "label" not in source.carries:
        return mapping
    numbers, categories = label_fields(monitor)
    return replace(
        mapping,
        numbers=(*mapping.numbers, *numbers),
        categories=(*mapping.categories, *categories),
    )


def label_fields(monitor: MonitorSettings) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """The label among numbers (regression) or among categories; neither without labels."""
    if monitor.label is None:
        return (), ()
    column = (Field(LABEL, monitor.label.value),)
    is_number = monitor.prediction is not None and monitor.prediction.task == "regression"
    return (column, ()) if is_number else ((), column)


def number_columns(monitor: MonitorSettings) -> frozenset[str]:
    """Which columns of the table hold numbers."""
    return frozenset(field.name for field in (*monitor.numbers, *label_fields(monitor)[0]))


def _base_first(monitor: MonitorSettings) -> list[InputSettings]:
    """The input that carries the features, then the others; they join by the events' ids."""
    if any(feature.name == LABEL for feature in monitor.features):
        message = f"a feature is named {LABEL!r}, as the label's column is: rename the feature"
        raise UsageError(message)
    found = sorted(monitor.inputs, key=lambda source: "features" not in source.carries)
    base, others = found[0], found[1:]
    entity = monitor.label is not None and monitor.label.match_entity is not None
    for source in others:
        joins = source.event_id is not None and base.event_id is not None
        if not joins and not (entity and source.carries == {"label"}):
            message = (
                f"topics {base.topic!r} and {source.topic!r} cannot be joined: "
                "both inputs need an event_id"
            )
            raise UsageError(message)
    return found
