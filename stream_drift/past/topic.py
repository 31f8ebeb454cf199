"""A stretch of a topic, as events to build a reference from."""

from __future__ import annotations

from dataclasses import replace

from stream_drift.config.durations import parse_duration
from stream_drift.config.settings import MonitorSettings, Settings, mapping_of
from stream_drift.config.values import parse_instant
from stream_drift.errors import UsageError
from stream_drift.events.mapping import EventMapping
from stream_drift.kafka.history import read_topic
from stream_drift.past.source import Source
from stream_drift.runtime import clock


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
