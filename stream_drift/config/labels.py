"""How a monitor's labels are read, and in which cells they count."""

from __future__ import annotations

from dataclasses import replace

from stream_drift.config.settings import (
    PREDICTION,
    InputSettings,
    MonitorSettings,
    mapping_of,
)
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.profiles.label_columns import LABEL
from stream_drift.profiles.labelled import OTHER_CLASS, LabelledLayout
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout

MAX_CLASSES = 20
DEFAULT_POSITIVE = "1"


def labels_apart(monitor: MonitorSettings) -> tuple[InputSettings, ...]:
    """The inputs that carry labels and nothing else."""
    return tuple(source for source in monitor.inputs if source.carries == {"label"})


def labelled_mapping_of(monitor: MonitorSettings, source: InputSettings) -> EventMapping:
    """What to read of an input, its label included, which follows the features of its type.

    Where labels know only an entity, that entity is the identity of both sides.
    """
    mapping, label = mapping_of(monitor, source), monitor.label
    if label is None:
        return mapping
    if label.match_entity is not None and source.carries & {"prediction", "label"}:
        mapping = replace(mapping, event_id=label.match_entity)
    if "label" not in source.carries:
        return mapping
    column = Field(LABEL, label.value)
    if monitor.prediction is not None and monitor.prediction.task == "regression":
        return replace(mapping, numbers=(*mapping.numbers, column))
    return replace(mapping, categories=(*mapping.categories, column))


def labelled_layout(monitor: MonitorSettings, layout: Layout) -> LabelledLayout | None:
    """The cells of predictions and labels; ``None`` where the monitor has not both."""
    prediction = monitor.prediction
    if monitor.label is None or prediction is None:
        return None
    part = next((part for part in layout.parts if part.name == PREDICTION), None)
    if prediction.task == "binary":
        positive = prediction.positive or DEFAULT_POSITIVE
        scored, has_value = prediction.score is not None, prediction.value is not None
        return LabelledLayout("binary", (OTHER_CLASS, positive), scored, has_value)
    match part:
        case NumberLayout():
            return LabelledLayout("regression", unit=part.unit)
        case CategoryLayout():
            kept = part.kept[: MAX_CLASSES - 1]
            return LabelledLayout("multiclass", (*kept, OTHER_CLASS))
        case None:
            return None
