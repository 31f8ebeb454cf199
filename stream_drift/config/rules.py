"""Keys against each other: what one key alone cannot show to be wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from stream_drift.config.channel_rules import channel_rules
from stream_drift.config.detection_rules import learning_rules, threshold_rules
from stream_drift.config.document import Document
from stream_drift.config.durations import format_duration
from stream_drift.config.finding import Finding
from stream_drift.config.input_rules import input_rules
from stream_drift.config.mistakes import Path
from stream_drift.config.schema import ConfigPart, MonitorPart
from stream_drift.config.settings import Effect
from stream_drift.kafka.client_config import conflicts

OFFSET_METADATA_BYTES = 4_096
"""What a broker stores beside a committed offset (``offset.metadata.max.bytes``)."""
METADATA_BYTES_PER_MONITOR = 32
OWN_TOPICS = ("profiles", "state", "alerts", "rejects")
BROKER_KEYS = ("bootstrap.servers", "metadata.broker.list")


def apply_rules(config: ConfigPart, document: Document, broken: frozenset[Path]) -> None:
    """Note what the rules find, except what rests on keys that are broken anyway."""
    for finding in _findings(config):
        used = (finding.path, *finding.uses)
        if not any(_touch(path, bad) for path in used for bad in broken):
            place = document.value_place(finding.path)
            document.complain(place, finding.path, finding.text)


def _touch(path: Path, bad: Path) -> bool:
    shorter = min(len(path), len(bad))
    return path[:shorter] == bad[:shorter]


def _findings(config: ConfigPart) -> Iterator[Finding]:
    if config.kafka and not any(key in config.kafka for key in BROKER_KEYS):
        yield Finding(("kafka",), "required key 'bootstrap.servers' is missing")
    for key, why in conflicts(config.kafka).items():
        yield Finding(("kafka", key), why)
    yield from _offset_metadata(config)
    yield from channel_rules(config.channels)
    for name, monitor in config.monitors.items():
        base: Path = ("monitors", name)
        yield from _own_topics(config.name, monitor, base)
        yield from _windows(monitor, base)
        yield from _features(monitor, base)
        yield from _label(monitor, base)
        yield from input_rules(monitor, base)
        yield from threshold_rules(monitor, base)
        yield from learning_rules(monitor, base)


def _offset_metadata(config: ConfigPart) -> Iterable[Finding]:
    most = OFFSET_METADATA_BYTES // METADATA_BYTES_PER_MONITOR
    readers = Counter(
        topic
        for monitor in config.monitors.values()
        for topic in {source.topic for source in monitor.inputs}
    )
    for topic, n_monitors in sorted(readers.items()):
        if n_monitors > most:
            text = (
                f"{n_monitors} monitors read the topic {topic!r}, and the {OFFSET_METADATA_BYTES} "
                f"bytes that Kafka keeps beside an offset hold {most}: split the topic"
            )
            yield Finding(("monitors",), text)


def _own_topics(name: str, monitor: MonitorPart, base: Path) -> Iterable[Finding]:
    own = {f"{name}.{suffix}" for suffix in OWN_TOPICS}
    for i, source in enumerate(monitor.inputs):
        if source.topic in own:
            path = (*base, "inputs", i, "topic")
            text = f"{source.topic!r} is one of stream-drift's own topics"
            yield Finding(path, text, (("name",),))


def _windows(monitor: MonitorPart, base: Path) -> Iterable[Finding]:
    uses = ((*base, "pane"),)
    seen: set[int] = set()
    for i, window in enumerate(monitor.windows):
        path = (*base, "windows", i)
        if window.length_ms % monitor.pane:
            pane = format_duration(monitor.pane)
            yield Finding(
                path, f"must be a multiple of the pane ({pane}), not {window.name!r}", uses
            )
        if window.length_ms in seen:
            yield Finding(path, f"{window.name!r} is as long as a window before it")
        seen.add(window.length_ms)


def _features(monitor: MonitorPart, base: Path) -> Iterable[Finding]:
    for name, feature in monitor.features.items():
        effect = feature.smallest_effect
        if feature.type == "category" and effect is not None and _is_no_share(effect):
            text = "for a category it is a share of events: at most 1, or write '0.05 sd'"
            path = (*base, "features", name)
            yield Finding((*path, "smallest_effect"), text, ((*path, "type"),))


def _is_no_share(effect: Effect) -> bool:
    return effect.unit == "feature" and effect.size > 1


def _label(monitor: MonitorPart, base: Path) -> Iterable[Finding]:
    label, prediction = monitor.label, monitor.prediction
    if label is not None and label.horizon < label.matures_after:
        text = f"must not be shorter than matures_after ({format_duration(label.matures_after)})"
        yield Finding((*base, "label", "horizon"), text, ((*base, "label", "matures_after"),))
    if prediction is None:
        return
    path = (*base, "prediction")
    if prediction.value is None and prediction.score is None:
        yield Finding(path, "needs a value, a score, or both")
    if prediction.positive is not None and prediction.task != "binary":
        text = f"belongs to task: binary, not to task: {prediction.task}"
        yield Finding((*path, "positive"), text, ((*path, "task"),))
