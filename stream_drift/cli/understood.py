"""What was understood of a monitor's configuration, as facts for text and JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stream_drift.config.durations import format_duration
from stream_drift.config.memory import MemoryBound, assumed_cells, cells_of, memory_bound
from stream_drift.config.settings import (
    DetectionSettings,
    InputSettings,
    LearningSettings,
    MonitorSettings,
)
from stream_drift.errors import ReferenceFileError
from stream_drift.events import mapping
from stream_drift.events.mapping import Field
from stream_drift.profiles.joint import joint_of
from stream_drift.reference.build import Reference
from stream_drift.reference.fit import fit_reference, with_joint
from stream_drift.runtime.reference_file import read_reference

ASSUMED_PARTITIONS = 12
"""Of each input topic, where no broker is asked."""


@dataclass(frozen=True, slots=True)
class Understood:
    """One monitor as ``check`` tells it.

    Attributes
    ----------
    reference
        ``None`` where there is none, or none that fits.
    n_partitions
        Assumed, of all inputs together.
    problems, warnings
        What must be put right, and what is worth knowing.
    """

    monitor: MonitorSettings
    reference: Reference | None
    n_partitions: int
    memory: MemoryBound
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def understood(monitor: MonitorSettings, config: Path) -> Understood:
    """Look at the monitor and at the reference that it names."""
    problems: list[str] = []
    reference = None
    if monitor.reference.exists():
        try:
            reference = _fitted(monitor)
        except ReferenceFileError as error:
            problems.append(str(error))
    counted = [i for i in monitor.inputs if i.carries & {"features", "prediction"}]
    n_partitions = ASSUMED_PARTITIONS * len(counted)
    n_cells = assumed_cells(monitor) if reference is None else cells_of(reference.layout)
    return Understood(
        monitor=monitor,
        reference=reference,
        n_partitions=n_partitions,
        memory=memory_bound(monitor, n_cells, n_partitions),
        problems=tuple(problems),
        warnings=(*_warnings(monitor, config), *_lacks(monitor, reference)),
    )


def _fitted(monitor: MonitorSettings) -> Reference:
    numbers = [field.name for field in monitor.numbers]
    categories = [field.name for field in monitor.categories]
    found = read_reference(monitor.reference)
    fitted = fit_reference(found, numbers, categories, monitor.pane_ms)
    return with_joint(fitted, found, monitor.joint_features)


def _warnings(monitor: MonitorSettings, config: Path) -> Iterable[str]:
    if not monitor.reference.exists():
        yield (
            "no reference yet: build it with "
            f"`stream-drift reference build -c {config} --monitor {monitor.name} --from FILE`"
        )


def _lacks(monitor: MonitorSettings, reference: Reference | None) -> Iterable[str]:
    """What a reference of before does not hold."""
    wanted = len(monitor.joint_features) > 1
    if reference is not None and wanted and joint_of(reference.layout) is None:
        yield "the reference counts no pairs of features: build it again to watch correlations"


def input_facts(source: InputSettings) -> dict[str, str | list[str] | None]:
    """One input: what it carries, and which fields mean what."""
    where = source.where
    return {
        "topic": source.topic,
        "format": source.format,
        "carries": sorted(source.carries),
        "event_id": dotted(source.event_id),
        "time": dotted(source.time),
        "where": None if where is None else f"{dotted(where.path)} = {where.equals}",
    }


def column_facts(fields: Iterable[Field]) -> dict[str, str]:
    """Features with the paths that they are read from."""
    return {field.name: ".".join(field.path) for field in fields}


def policies(monitor: MonitorSettings) -> list[str]:
    """What opens an incident, in words."""
    detection = monitor.detection
    found = [_budget(detection)]
    for threshold in detection.thresholds:
        side, limit = ("above", threshold.above)
        if limit is None:
            side, limit = ("below", threshold.below)
        window = "the pane" if threshold.window == "pane" else threshold.window
        found.append(
            f"{threshold.score} of {threshold.of} {side} {limit:g} in {window}"
            f"{f', {threshold.n_panes} panes in a row' if threshold.n_panes > 1 else ''}"
        )
    if detection.no_data_for_ms is not None:
        found.append(f"no data for {format_duration(detection.no_data_for_ms)}")
    return found


def _budget(detection: DetectionSettings) -> str:
    n = detection.false_incidents_per_30d
    budget = f"{n:g} false incident{'' if n == 1 else 's'} per 30 days"
    learning = detection.learning
    if learning.length_ms is not None:
        return f"budget of {budget}, learning {format_duration(learning.length_ms)}"
    if learning == LearningSettings():
        return f"budget of {budget}, against the reference (not promised)"
    return f"budget of {budget}, learned from history"


def dotted(path: mapping.Path | None) -> str | None:
    """The path as it is written in the file."""
    return None if path is None else ".".join(path)
