"""What the configuration means, as the other parts take it. Lengths of time are in ms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from stream_drift.detection.threshold_settings import ThresholdSettings
from stream_drift.events import mapping
from stream_drift.events.mapping import EventMapping, Field, Filter
from stream_drift.runtime.notify.selection import SelectionSettings

Role = Literal["features", "prediction", "label"]
Kind = Literal["number", "category"]
Importance = Literal["low", "normal", "high"]
Task = Literal["binary", "multiclass", "regression"]
Privacy = Literal["standard", "strict"]
ReloadFrom = Literal["loopback", "anyone", "nobody"]

PREDICTION, SCORE = "prediction", "score"
RESERVED_FEATURES = (PREDICTION, SCORE)
"""The features that stand for the prediction's value and score."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A size of change: in reference sd, in a number's own units, or as a share of events."""

    size: float
    unit: Literal["sd", "feature", "share"]


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """One watched column; ``smallest_effect`` is the monitor's where the feature has none."""

    name: str
    kind: Kind
    path: mapping.Path
    importance: Importance
    smallest_effect: Effect


@dataclass(frozen=True, slots=True)
class InputSettings:
    """One topic that a monitor reads, and what its events carry."""

    topic: str
    format: Literal["json"]
    carries: frozenset[Role]
    event_id: mapping.Path | None
    time: mapping.Path | None
    where: Filter | None


@dataclass(frozen=True, slots=True)
class PredictionSettings:
    """Where the prediction stands in the event; ``positive`` is a category text."""

    value: mapping.Path | None
    score: mapping.Path | None
    task: Task
    positive: str | None


@dataclass(frozen=True, slots=True)
class LabelSettings:
    """Where the label stands, when it counts and how it is joined.

    Attributes
    ----------
    match_entity
        The field that both sides share where labels know no event id; the last prediction
        before the label is taken.
    positives_only
        Only events predicted positive ever get a label.
    """

    value: mapping.Path
    matures_after_ms: int
    horizon_ms: int
    join_rows: int
    match_entity: mapping.Path | None
    positives_only: bool


@dataclass(frozen=True, slots=True)
class SampleSettings:
    """Which rows are kept, and the key that hides their ids (the monitor's name: a pseudonym)."""

    rate: float
    key: bytes = field(repr=False)
    key_is_secret: bool


@dataclass(frozen=True, slots=True)
class LearningSettings:
    """Where the baseline comes from.

    Attributes
    ----------
    length_ms
        How long to learn from the live stream; ``None`` where history or nothing is used.
    history
        ``(topic, file)`` pairs to replay; the topic is ``None`` for a bare file.
    since_ms, until_ms
        The stretch of the input topics to replay.
    """

    length_ms: int | None = None
    history: tuple[tuple[str | None, Path], ...] = ()
    since_ms: int | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class DetectionSettings:
    """What opens an incident; ``no_data_for_ms`` and ``thresholds`` are off unless given."""

    false_incidents_per_30d: float
    smallest_effect: Effect
    learning: LearningSettings
    thresholds: tuple[ThresholdSettings, ...]
    no_data_for_ms: int | None
    repeat_interval_ms: int


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """A trailing window: its name as configured, and its length."""

    name: str
    length_ms: int


@dataclass(frozen=True, slots=True)
class MonitorSettings:
    """One configured watch.

    Attributes
    ----------
    model_version, model_version_path
        The version itself, or where events tell it; at most one of them is given.
    features
        In the order of the file, without the reserved ones.
    joint
        Whether pairs of number features are watched.
    """

    name: str
    model_version: str | None
    model_version_path: mapping.Path | None
    reference: Path
    pane_ms: int
    windows: tuple[WindowSettings, ...]
    lateness_ms: int
    timezone: str
    samples: SampleSettings
    inputs: tuple[InputSettings, ...]
    features: tuple[FeatureSettings, ...]
    prediction: PredictionSettings | None
    label: LabelSettings | None
    detection: DetectionSettings
    joint: bool
    privacy: Privacy

    @property
    def numbers(self) -> tuple[Field, ...]:
        """The number columns in layout order, reserved ones last."""
        return _of_kind(self, "number") + _reserved(self, "number")

    @property
    def joint_features(self) -> tuple[str, ...]:
        """The numbers whose pairs are watched, the more important first, then by name.

        The reserved ones only where they come in the same events as the features.
        """
        if not self.joint:
            return ()
        rank = {"high": 0, "normal": 1, "low": 2}
        own = [(rank[f.importance], f.name) for f in self.features if f.kind == "number"]
        with_features = [i.carries for i in self.inputs if "features" in i.carries]
        together = all("prediction" in carries for carries in with_features)
        if together:
            own += [(rank["normal"], field.name) for field in _reserved(self, "number")]
        return tuple(name for _, name in sorted(own))

    @property
    def categories(self) -> tuple[Field, ...]:
        """The category columns in layout order, reserved ones last."""
        return _of_kind(self, "category") + _reserved(self, "category")


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Where metrics and health are served; port 0 is a free one."""

    address: str
    port: int
    max_features: int
    reload: ReloadFrom


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A stretch of time in which alerts of some monitors wait; no monitors means all."""

    since_ms: int
    until_ms: int
    monitors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One place that incidents are told to; ``options`` may hold secrets.

    Attributes
    ----------
    selection
        Which alerts it is told.
    """

    type: str
    name: str
    options: Mapping[str, object] = field(repr=False)
    selection: SelectionSettings
    group_wait_ms: int
    maintenance: tuple[Maintenance, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration; ``kafka`` goes to librdkafka as it is and may hold secrets."""

    path: Path
    name: str
    kafka: Mapping[str, str] = field(repr=False)
    monitors: tuple[MonitorSettings, ...]
    channels: tuple[ChannelSettings, ...]
    http: HttpSettings

    def monitor(self, name: str) -> MonitorSettings | None:
        """The monitor of that name."""
        return next((monitor for monitor in self.monitors if monitor.name == name), None)


def mapping_of(monitor: MonitorSettings, source: InputSettings) -> EventMapping:
    """What to read from the records of one of the monitor's inputs.

    Features are read where the input carries them, the reserved ones where it carries
    predictions; labels are no columns.
    """
    watched = _carried(monitor, source)
    return EventMapping(
        numbers=tuple(column for column in monitor.numbers if column.name in watched),
        categories=tuple(column for column in monitor.categories if column.name in watched),
        event_id=source.event_id,
        time=source.time,
        where=source.where,
    )


def _carried(monitor: MonitorSettings, source: InputSettings) -> frozenset[str]:
    names: list[str] = []
    if "features" in source.carries:
        names.extend(feature.name for feature in monitor.features)
    if "prediction" in source.carries:
        names.extend(RESERVED_FEATURES)
    return frozenset(names)


def _of_kind(monitor: MonitorSettings, kind: Kind) -> tuple[Field, ...]:
    return tuple(Field(f.name, f.path) for f in monitor.features if f.kind == kind)


def _reserved(monitor: MonitorSettings, kind: Kind) -> tuple[Field, ...]:
    prediction = monitor.prediction
    if prediction is None:
        return ()
    value_kind: Kind = "number" if prediction.task == "regression" else "category"
    columns: tuple[tuple[str, mapping.Path | None, Kind], ...] = (
        (PREDICTION, prediction.value, value_kind),
        (SCORE, prediction.score, "number"),
    )
    return tuple(
        Field(name, path) for name, path, its in columns if path is not None and its == kind
    )
