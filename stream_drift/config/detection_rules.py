"""What thresholds and learning may name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from stream_drift.config.fields import ALL_FEATURES
from stream_drift.config.finding import Finding
from stream_drift.config.mistakes import Path, one_of
from stream_drift.config.schema import MonitorPart, ThresholdPart
from stream_drift.config.settings import PREDICTION, SCORE, Kind
from stream_drift.detection.threshold_settings import PANE_WINDOW
from stream_drift.scoring.catalogue import CATALOGUE

MODEL = "model"


def kinds_of(monitor: MonitorPart) -> Mapping[str, Kind]:
    """Every feature with its kind, numbers and categories in layout order, reserved ones last."""
    kinds: dict[str, Kind] = {name: part.type for name, part in monitor.features.items()}
    prediction = monitor.prediction
    if prediction is not None and prediction.value is not None:
        kinds[PREDICTION] = "number" if prediction.task == "regression" else "category"
    if prediction is not None and prediction.score is not None:
        kinds[SCORE] = "number"
    return kinds


def features_of(threshold: ThresholdPart, kinds: Mapping[str, Kind]) -> tuple[str, ...]:
    """The features that ``of`` stands for and that have the score."""
    subjects = CATALOGUE[threshold.score].applies_to
    named = kinds if threshold.of == ALL_FEATURES else [threshold.of]
    return tuple(name for name in named if kinds.get(name) in subjects)


def threshold_rules(monitor: MonitorPart, base: Path) -> Iterator[Finding]:
    """All findings about the thresholds of one monitor."""
    kinds = kinds_of(monitor)
    uses = ((*base, "features"), (*base, "prediction"))
    for i, threshold in enumerate(monitor.detection.thresholds):
        path = (*base, "detection", "thresholds", i)
        if (threshold.above is None) == (threshold.below is None):
            yield Finding(path, "needs exactly one limit: above or below")
        yield from _window(threshold, path, monitor, base)
        if threshold.score not in CATALOGUE:
            text = f"there is no score {threshold.score!r}, {one_of(threshold.score, CATALOGUE)}"
            yield Finding((*path, "score"), text)
        known = {ALL_FEATURES, MODEL, *kinds}
        if threshold.of not in known:
            text = f"there is no feature {threshold.of!r}, {one_of(threshold.of, sorted(known))}"
            yield Finding((*path, "of"), text, uses)
        elif threshold.score in CATALOGUE:
            yield from _applies(threshold, path, kinds, uses)


def _window(
    threshold: ThresholdPart, path: Path, monitor: MonitorPart, base: Path
) -> Iterable[Finding]:
    names = [*(window.name for window in monitor.windows), PANE_WINDOW]
    if threshold.window not in names:
        text = f"must be one of the monitor's windows, not {threshold.window!r}; "
        text += one_of(threshold.window, names)
        yield Finding((*path, "window"), text, ((*base, "windows"),))


def _applies(
    threshold: ThresholdPart, path: Path, kinds: Mapping[str, Kind], uses: tuple[Path, ...]
) -> Iterable[Finding]:
    subjects, of = CATALOGUE[threshold.score].applies_to, threshold.of
    if of == MODEL and MODEL not in subjects:
        text = f"{threshold.score} is a score of features: name one, or '*' for all"
    elif of != MODEL and set(subjects) == {MODEL}:
        text = f"{threshold.score} is a score of the model: write of: model"
    elif of != MODEL and not features_of(threshold, kinds):
        kind = " and ".join(subject for subject in subjects if subject != MODEL)
        text = f"{threshold.score} is a score of {kind} features, and {_none_of(of, kinds)}"
    else:
        return
    yield Finding((*path, "of"), text, ((*path, "score"), *uses))


def _none_of(of: str, kinds: Mapping[str, Kind]) -> str:
    return "there is none" if of == ALL_FEATURES else f"{of} is a {kinds[of]}"


def learning_rules(monitor: MonitorPart, base: Path) -> Iterator[Finding]:
    """All findings about the learning of one monitor."""
    learning, path = monitor.detection.learning, (*base, "detection", "learning")
    given = [key for key in ("length", "history") if getattr(learning, key) is not None]
    if learning.since is not None or learning.until is not None:
        given.append("since and until")
    if len(given) > 1:
        yield Finding(path, f"give either {' or '.join(given)}")
    topics = list(dict.fromkeys(source.topic for source in monitor.inputs))
    uses = ((*base, "inputs"),)
    for topic, _ in learning.history.history if learning.history is not None else ():
        if topic is None and len(topics) > 1:
            text = f"must name a file for each topic ({{TOPIC: FILE}}): {', '.join(topics)}"
            yield Finding((*path, "history"), text, uses)
        elif topic is not None and topic not in topics:
            text = f"there is no input {topic!r}, {one_of(topic, topics)}"
            yield Finding((*path, "history", topic), text, uses)
    if learning.history is not None:
        yield from _timed_history(monitor, base, {topic for topic, _ in learning.history.history})
    since, until = learning.since, learning.until
    if since is not None and until is not None and since >= until:
        yield Finding((*path, "until"), "must be later than since")


def _timed_history(monitor: MonitorPart, base: Path, files: Set[str | None]) -> Iterator[Finding]:
    """In a file only the events themselves can tell when they happened."""
    path = (*base, "detection", "learning", "history")
    is_only = len(monitor.inputs) == 1
    for i, source in enumerate(monitor.inputs):
        if source.time is None and (source.topic in files or (is_only and None in files)):
            text = (
                f"needs the time of every event in the file: give the input of {source.topic} "
                "its `time`, the field that tells it"
            )
            yield Finding(path, text, ((*base, "inputs", i),))
