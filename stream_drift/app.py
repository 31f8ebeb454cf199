"""The composition root: a configuration becomes a running process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from zoneinfo import ZoneInfo

from stream_drift.config.labels import labelled_layout, labelled_mapping_of, labels_apart
from stream_drift.config.settings import (
    InputSettings,
    LearningSettings,
    MonitorSettings,
    Settings,
    mapping_of,
)
from stream_drift.detection.performance_budget import LEARNING_MS, SHARE, PerformanceBudget
from stream_drift.detection.settings import (
    DAY_MS,
    IMPORTANCE,
    BudgetSettings,
    SmallestEffect,
)
from stream_drift.engine.detector import Detector, DetectorSettings
from stream_drift.engine.label_join import JoinSettings
from stream_drift.engine.performance import PerformanceSettings
from stream_drift.engine.profiler import ProfilerSettings
from stream_drift.errors import ConfigError
from stream_drift.events.decode import Decoder
from stream_drift.kafka.history import read_topic
from stream_drift.profiles.count import Counter
from stream_drift.profiles.label_columns import labelled_of
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.sample import Sampler
from stream_drift.reference.build import Reference
from stream_drift.reference.fit import fit_reference, with_extras, with_joint
from stream_drift.runtime.history import History, closed_panes, counted_panes
from stream_drift.runtime.reference_file import read_reference
from stream_drift.runtime.replay import ReplayInput


@dataclass(frozen=True, slots=True)
class Monitor:
    """One configured watch with its reference, ready to be profiled and detected."""

    settings: MonitorSettings
    reference: Reference

    @property
    def layout(self) -> Layout:
        """The bins of its profiles."""
        return self.reference.layout

    @property
    def data_inputs(self) -> tuple[InputSettings, ...]:
        """The inputs that carry features or predictions."""
        return tuple(i for i in self.settings.inputs if i.carries & {"features", "prediction"})

    @property
    def label_inputs(self) -> tuple[InputSettings, ...]:
        """The inputs that carry labels of predictions from elsewhere, if these can be joined."""
        watch = self.settings
        joined = watch.samples.rate and watch.privacy != "strict" and labelled_of(self.layout)
        return labels_apart(watch) if joined else ()

    @property
    def read_inputs(self) -> tuple[InputSettings, ...]:
        """All inputs whose records are read."""
        return (*self.data_inputs, *self.label_inputs)


def load_monitor(settings: MonitorSettings) -> Monitor:
    """Read the monitor's reference and fit it to what is watched.

    Raises
    ------
    ReferenceFileError
        Where the reference is absent or does not fit.
    ConfigError
        Where two inputs read one topic.
    """
    numbers = [field.name for field in settings.numbers]
    categories = [field.name for field in settings.categories]
    found = read_reference(settings.reference)
    reference = fit_reference(found, numbers, categories, settings.pane_ms)
    reference = with_joint(reference, found, settings.joint_features)
    labelled = labelled_layout(settings, reference.layout)
    if labelled is not None:
        reference = with_extras(reference, (labelled,))
    monitor = Monitor(settings, reference)
    topics = [source.topic for source in monitor.read_inputs]
    if len(set(topics)) < len(topics):
        message = (
            f"monitor {settings.name!r} reads one topic through two inputs: "
            "put them into one input, or make two monitors"
        )
        raise ConfigError(message)
    return monitor


def profiler_settings(monitor: Monitor, source: InputSettings) -> ProfilerSettings:
    """How the events of one input are decoded and counted."""
    mapping = labelled_mapping_of(monitor.settings, source)
    carried = [field.name for field in (*mapping.numbers, *mapping.categories)]
    featured = any("features" in other.carries for other in monitor.data_inputs)
    counts_events = "features" in source.carries or not featured
    watch = monitor.settings
    strict = watch.privacy == "strict"
    secret = watch.samples.key[:64] if strict else None
    counter = Counter(monitor.layout, carried, counts_events=counts_events, secret=secret)
    sampler = None
    if watch.samples.rate and not strict:
        names = tuple(carried)
        sampler = Sampler(names, watch.samples.rate, watch.samples.key)
    return ProfilerSettings(
        Decoder(mapping), counter, watch.lateness_ms, sampler, copies_payloads=not strict
    )


def detector_settings(settings: Settings, monitor: Monitor) -> DetectorSettings:
    """What the detector of a monitor needs to know."""
    watch = monitor.settings
    return DetectorSettings(
        name=settings.name,
        monitor=watch.name,
        model_version=watch.model_version,
        holding=tuple(source.topic for source in monitor.data_inputs),
        lateness_ms=watch.lateness_ms,
        windows=tuple((window.name, window.length_ms) for window in watch.windows),
        thresholds=watch.detection.thresholds,
        no_data_for_ms=watch.detection.no_data_for_ms,
        repeat_interval_ms=watch.detection.repeat_interval_ms,
        budget=budget_settings(watch, performance_share=SHARE * has_labels(monitor)),
        performance=performance_settings(monitor),
        joint=watch.joint,
        joins_rows=all(source.event_id is not None for source in monitor.data_inputs),
    )


def has_labels(monitor: Monitor) -> bool:
    """Whether labels come, with their predictions or to be joined."""
    together = any({"prediction", "label"} <= source.carries for source in monitor.data_inputs)
    return labelled_of(monitor.layout) is not None and (together or bool(monitor.label_inputs))


def performance_settings(monitor: Monitor) -> PerformanceSettings:
    """How labels come to predictions."""
    watch, topics = monitor.settings, [source.topic for source in monitor.label_inputs]
    label = watch.label
    if label is None or not has_labels(monitor):
        return PerformanceSettings()
    by_entity = label.match_entity is not None
    join = JoinSettings(label.matures_after_ms, label.horizon_ms, label.join_rows, by_entity)
    whole = replace(budget_settings(watch), performance_share=0.0)
    budget = PerformanceBudget(
        whole.false_incidents_per_30d,
        whole.threshold(watch.pane_ms) / SHARE,
        whole.learning_ms or LEARNING_MS,
        label.positives_only,
    )
    return PerformanceSettings(
        tuple(topics), join if topics else None, label.positives_only, budget
    )


def budget_settings(watch: MonitorSettings, performance_share: float = 0.0) -> BudgetSettings:
    """What the user says about the false-incident budget."""
    detection = watch.detection
    floors = {
        feature.name: SmallestEffect(feature.smallest_effect.size, feature.smallest_effect.unit)
        for feature in watch.features
        if feature.smallest_effect != detection.smallest_effect
    }
    importance = {feature.name: IMPORTANCE[feature.importance] for feature in watch.features}
    learns = detection.learning != LearningSettings()
    return BudgetSettings(
        detection.false_incidents_per_30d,
        detection.smallest_effect.size,
        floors,
        importance,
        (detection.learning.length_ms or DAY_MS * 14) if learns else None,
        ZoneInfo(watch.timezone),
        performance_share,
    )


def detector_factory(
    settings: Settings, monitor: Monitor, *, publish_scores: bool = True
) -> Callable[[], Detector]:
    """Makes fresh detectors of a monitor, which have learned from its history if it has one.

    Raises
    ------
    InputFileError, BrokerError
        Where the history cannot be read.
    """
    wanted = replace(detector_settings(settings, monitor), publish_scores=publish_scores)
    learning = monitor.settings.detection.learning
    history: History = []
    if learning.history:
        history = _history(monitor, wanted)
    elif learning.since_ms is not None or learning.until_ms is not None:
        history = _topic_history(settings, monitor)
    return partial(_detector, wanted, monitor.reference, history)


def _detector(wanted: DetectorSettings, reference: Reference, history: History) -> Detector:
    detector = Detector(wanted, reference)
    if history:
        span = history[0][0], history[-1][0] + reference.layout.pane_ms
        detector.budget.learn_history(history, span)
    return detector


def _topic_history(settings: Settings, monitor: Monitor) -> History:
    """The panes of the stretch of the input topics that the baseline is learned from."""
    learning = monitor.settings.detection.learning
    span = learning.since_ms, learning.until_ms
    inputs = (
        (profiler_settings(monitor, source), read_topic(settings.kafka, source.topic, *span))
        for source in monitor.data_inputs
    )
    return counted_panes(inputs, *span)


def _history(monitor: Monitor, wanted: DetectorSettings) -> History:
    """The panes of the history files; a bare file is of the only input with data."""
    files = dict(monitor.settings.detection.learning.history)
    inputs = []
    for source in monitor.data_inputs:
        path = files.get(source.topic) or files.get(None)
        if path is not None:
            mapping = mapping_of(monitor.settings, source)
            inputs.append(
                ReplayInput(source.topic, path, mapping, profiler_settings(monitor, source))
            )
    quiet = replace(
        wanted,
        publish_scores=False,
        thresholds=(),
        no_data_for_ms=None,
        performance=PerformanceSettings(),
    )
    return closed_panes(Detector(quiet, monitor.reference), inputs)
