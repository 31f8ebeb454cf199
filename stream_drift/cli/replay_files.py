"""Which file stands for which input topic: ``--events [TOPIC=]FILE``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from stream_drift.config.settings import InputSettings, Settings
from stream_drift.errors import UsageError


def files_by_topic(settings: Settings, events: Sequence[str]) -> dict[str, Path]:
    """The file of every topic that carries features or predictions.

    Raises
    ------
    UsageError
        Where a file stands for no input, two for one, or an input has none or no ``time``.
    """
    known = {source.topic for source in _inputs(settings)}
    files: dict[str, Path] = {}
    for item in events:
        topic, path = _topic_and_path(settings, item, known)
        if topic in files:
            message = f"--events: two files for topic {topic!r}"
            raise UsageError(message)
        files[topic] = path
    _require_files(settings, files)
    return files


def _inputs(settings: Settings) -> Iterable[InputSettings]:
    return (source for monitor in settings.monitors for source in monitor.inputs)


def _topic_and_path(settings: Settings, item: str, known: set[str]) -> tuple[str, Path]:
    topic, equals, path = item.partition("=")
    if equals and topic in known:
        return topic, Path(path)
    if equals and not Path(item).exists():
        message = f"--events: no input reads topic {topic!r}; there is {_listed(known)}"
        raise UsageError(message)
    featured = {source.topic for source in _inputs(settings) if "features" in source.carries}
    topics = featured or known
    if len(topics) != 1:
        message = f"--events: say which topic {item} stands for, as TOPIC=FILE: {_listed(topics)}"
        raise UsageError(message)
    return topics.pop(), Path(item)


def _require_files(settings: Settings, files: dict[str, Path]) -> None:
    for monitor in settings.monitors:
        for source in monitor.inputs:
            if source.topic not in files and source.carries & {"features", "prediction"}:
                message = (
                    f"monitor {monitor.name!r} reads topic {source.topic!r}: "
                    f"give its events too, --events {source.topic}=FILE"
                )
                raise UsageError(message)
            if source.topic in files and source.time is None:
                message = (
                    f"input {source.topic!r} of monitor {monitor.name!r} has no `time`: "
                    "in a file only the events themselves can tell it; add it to the input"
                )
                raise UsageError(message)


def _listed(topics: Iterable[str]) -> str:
    return ", ".join(map(repr, sorted(topics)))
