"""From the configuration as written to the settings of the other parts."""

from __future__ import annotations

from pathlib import Path

from stream_drift.config.channel_rules import OF_A_TYPE, channel_name
from stream_drift.config.channel_schema import ChannelPart
from stream_drift.config.detection_rules import features_of, kinds_of
from stream_drift.config.schema import (
    ConfigPart,
    DetectionPart,
    FeaturePart,
    InputPart,
    LabelPart,
    LearningPart,
    MonitorPart,
    PredictionPart,
    ThresholdPart,
)
from stream_drift.config.settings import (
    ChannelSettings,
    DetectionSettings,
    Effect,
    FeatureSettings,
    HttpSettings,
    InputSettings,
    LabelSettings,
    LearningSettings,
    Maintenance,
    MonitorSettings,
    PredictionSettings,
    SampleSettings,
    Settings,
)
from stream_drift.detection.threshold_settings import PANE_WINDOW, ThresholdSettings
from stream_drift.events.mapping import Filter
from stream_drift.runtime.notify.selection import Route, SelectionSettings


def build_settings(config: ConfigPart, path: Path, keys: dict[str, bytes]) -> Settings:
    """The settings of a configuration without mistakes.

    Parameters
    ----------
    path
        The configuration file; relative paths start at its folder.
    keys
        The content of ``samples.key_file``, by monitor, where one is given.
    """
    http = config.http
    return Settings(
        path=path,
        name=config.name,
        kafka=dict(config.kafka),
        monitors=tuple(
            _monitor(name, part, path.parent, keys.get(name))
            for name, part in config.monitors.items()
        ),
        channels=tuple(map(_channel, config.channels)),
        http=HttpSettings(http.address, http.port, http.max_features, http.reload),
    )


def _channel(part: ChannelPart) -> ChannelSettings:
    route = Route(part.monitors, part.at_least, part.kinds, part.features)
    given = {key: getattr(part, key) for key in (*OF_A_TYPE, "ca")}
    return ChannelSettings(
        part.type,
        channel_name(part),
        {key: value for key, value in given.items() if value},
        SelectionSettings((route,), part.at_least, part.repeat_interval),
        part.group_wait,
        tuple(Maintenance(each.since, each.until, each.monitors) for each in part.maintenance),
    )


def _monitor(name: str, part: MonitorPart, folder: Path, key: bytes | None) -> MonitorSettings:
    version = part.model_version
    return MonitorSettings(
        name=name,
        model_version=None if version is None else version.version,
        model_version_path=None if version is None else version.field,
        reference=folder / part.reference,
        pane_ms=part.pane,
        windows=part.windows,
        lateness_ms=part.lateness,
        timezone=part.timezone,
        samples=SampleSettings(part.samples.rate, key or name.encode(), key is not None),
        inputs=tuple(_input(source) for source in part.inputs),
        features=tuple(
            _feature(name, feature, part.detection.smallest_effect)
            for name, feature in part.features.items()
        ),
        prediction=None if part.prediction is None else _prediction(part.prediction),
        label=None if part.label is None else _label(part.label),
        detection=_detection(part.detection, part, folder),
        joint=part.joint,
        privacy=part.privacy,
    )


def _input(part: InputPart) -> InputSettings:
    where = None if part.where is None else Filter(part.where.field, part.where.equals)
    return InputSettings(part.topic, part.format, part.carries, part.event_id, part.time, where)


def _feature(name: str, part: FeaturePart, smallest_effect: Effect) -> FeatureSettings:
    effect = part.smallest_effect or smallest_effect
    if part.type == "category" and effect.unit == "feature":
        effect = Effect(effect.size, "share")
    return FeatureSettings(
        name=name,
        kind=part.type,
        path=part.path or tuple(name.split(".")),
        importance=part.importance,
        smallest_effect=effect,
    )


def _prediction(part: PredictionPart) -> PredictionSettings:
    return PredictionSettings(part.value, part.score, part.task, part.positive)


def _label(part: LabelPart) -> LabelSettings:
    return LabelSettings(
        value=part.value,
        matures_after_ms=part.matures_after,
        horizon_ms=part.horizon,
        join_rows=part.join_rows,
        match_entity=None if part.match is None else part.match.entity,
        positives_only=part.for_ is not None,
    )


def _detection(part: DetectionPart, monitor: MonitorPart, folder: Path) -> DetectionSettings:
    return DetectionSettings(
        false_incidents_per_30d=part.false_incidents_per_30d,
        smallest_effect=part.smallest_effect,
        learning=_learning(part.learning, folder),
        thresholds=tuple(_threshold(threshold, monitor) for threshold in part.thresholds),
        no_data_for_ms=part.no_data_for,
        repeat_interval_ms=part.repeat_interval,
    )


def _learning(part: LearningPart, folder: Path) -> LearningSettings:
    history = part.history or LearningSettings(since_ms=part.since, until_ms=part.until)
    return LearningSettings(
        length_ms=part.length,
        history=tuple((topic, folder / file) for topic, file in history.history),
        since_ms=history.since_ms,
        until_ms=history.until_ms,
    )


def _threshold(part: ThresholdPart, monitor: MonitorPart) -> ThresholdSettings:
    lengths_ms = {window.name: window.length_ms for window in monitor.windows}
    return ThresholdSettings(
        score=part.score,
        of=part.of,
        above=part.above,
        below=part.below,
        window=part.window,
        window_ms={**lengths_ms, PANE_WINDOW: monitor.pane}[part.window],
        n_panes=part.for_,
        features=features_of(part, kinds_of(monitor)),
    )
