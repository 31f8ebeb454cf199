"""The monitors that the simulation runs, on bins that a reader can count by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stream_drift.detection.settings import BudgetSettings
from stream_drift.detection.threshold_settings import ThresholdSettings
from stream_drift.engine.detector import Detector, DetectorSettings
from stream_drift.engine.profiler import ProfilerSettings
from stream_drift.events.columns import Columns
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping, Field, Filter
from stream_drift.profiles.count import Counter
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.sample import Sampler
from stream_drift.reference.build import Reference, build_reference
from tests.laws.simulation import own_log

PANE_MS = 60_000
LATENESS_MS = 30_000
EDGES = (-4.0, -1.0, 0.0, 1.0, 4.0)
KEPT, RARE = ("red", "blue"), ("grey", "17")
WINDOWS = (("3m", 3 * PANE_MS), ("10m", 10 * PANE_MS))

FEATURES = EventMapping((Field("x", ("x",)),), (Field("c", ("c",)),), time=("t",))
PREDICTIONS = EventMapping((Field("y", ("y",)),), (), time=("t",))


def layout() -> Layout:
    coarse = (0, 1, 2, 3, 4, 5)
    numbers = tuple(NumberLayout(name, EDGES, coarse, 0.0, 1.0) for name in ("x", "y"))
    return Layout(numbers, (CategoryLayout("c", KEPT, RARE),), PANE_MS)


def reference() -> Reference:
    """A thousand standard normal events, half red and half blue."""
    n = 1_000
    times = np.zeros(n, np.int64)
    numbers = np.random.default_rng(1).normal(0, 1, (n, 2))
    colours = tuple(KEPT[i % 2] for i in range(n))
    both = EventMapping((*FEATURES.numbers, *PREDICTIONS.numbers), FEATURES.categories)
    columns = Columns(times, times, times, numbers, (colours,), None, ())
    created = "2026-01-01T00:00:00Z"
    return build_reference(
        both,
        [columns],
        pane_ms=PANE_MS,
        created_at=created,
        layout=layout(),
        joint=("x", "y"),
        keep_rows=True,
    )


REFERENCE = reference()


@dataclass(frozen=True, slots=True)
class Monitor:
    """One simulated monitor: which topics it reads, what it watches for, which rows it keeps."""

    name: str
    topics: tuple[str, ...]
    where: Filter | None
    thresholds: tuple[ThresholdSettings, ...]
    no_data_for_ms: int | None
    budget: BudgetSettings
    rate: float

    def mapping(self, topic: str) -> EventMapping:
        carried = FEATURES if topic == self.topics[0] else PREDICTIONS
        return EventMapping(carried.numbers, carried.categories, ("id",), carried.time, self.where)

    def profiler(self, topic: str) -> ProfilerSettings:
        mapping = self.mapping(topic)
        carried = [field.name for field in (*mapping.numbers, *mapping.categories)]
        counter = Counter(REFERENCE.layout, carried, counts_events=topic == self.topics[0])
        sampler = Sampler(tuple(carried), self.rate, b"key")
        return ProfilerSettings(Decoder(mapping), counter, LATENESS_MS, sampler)

    def detector(self) -> Detector:
        settings = DetectorSettings(
            name=own_log.NAME,
            monitor=self.name,
            model_version="3",
            holding=self.topics,
            lateness_ms=LATENESS_MS,
            windows=WINDOWS,
            thresholds=self.thresholds,
            no_data_for_ms=self.no_data_for_ms,
            repeat_interval_ms=5 * PANE_MS,
            budget=self.budget,
            publish_scores=False,
        )
        return Detector(settings, REFERENCE)


def threshold(score: str, of: str, above: float, window: str, n_panes: int) -> ThresholdSettings:
    lengths = {"pane": PANE_MS, **dict(WINDOWS)}
    features = {"*": ("x", "y", "c"), "model": ()}.get(of, (of,))
    return ThresholdSettings(score, of, above, None, window, lengths[window], n_panes, features)


WATCHED = (
    threshold("missing", "*", 0.1, "pane", 1),
    threshold("psi", "*", 0.5, "3m", 2),
    threshold("volume", "model", 60, "10m", 1),
)
CALM = BudgetSettings()
EAGER = BudgetSettings(false_incidents_per_30d=1_000, learning_ms=None)
BOTH = Monitor("both", ("a", "b"), None, WATCHED, 4 * PANE_MS, CALM, 1.0)
REDS = Monitor("reds", ("a",), Filter(("c",), "red"), WATCHED[:1], None, EAGER, 0.5)
ALL = (BOTH, REDS)


def reading(topic: str) -> Iterator[Monitor]:
    return (monitor for monitor in ALL if topic in monitor.topics)
