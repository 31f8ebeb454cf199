"""Small references, panes and monitors for tests of detection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.detection_streams import HOUR_MS, START_MS, Change, Stream, StreamKind
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.decision import Decision
from stream_drift.detection.settings import DAY_MS, BudgetSettings
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.profile import Profile

PANE_MS = HOUR_MS


def layout(numbers: Sequence[str] = ("age",), categories: Sequence[str] = ("city",)) -> Layout:
    edges = tuple(float(edge) for edge in range(11))
    coarse = tuple(range(12))
    return Layout(
        tuple(NumberLayout(name, edges, coarse, 5.0, 2.0) for name in numbers),
        tuple(CategoryLayout(name, ("Bern", "Rome"), ("Oslo",)) for name in categories),
        PANE_MS,
    )


def profile(of: Layout, bins: Mapping[str, Sequence[int]], **missing: int) -> Profile:
    """A profile with these bins per feature and so many missing values."""
    found = Profile.empty(of)
    for name, counts in bins.items():
        found.bins_of(of.names.index(name))[:] = counts
    for name, count in missing.items():
        found.view("missing")[of.names.index(name)] = count
    found.additive[0] = int(found.offered().max(initial=0))
    return found


def reference() -> Profile:
    """1000 events: a number spread evenly over ten bins, a category 600 : 390 : 10."""
    return profile(
        layout(),
        {"age": [0, *[100] * 10, 0], "city": [600, 390, 10, 0]},
    )


class Monitor:
    """A policy and the simulated stream that it watches, pane by pane."""

    def __init__(
        self, kind: StreamKind, settings: BudgetSettings | None = None, seed: int = 1
    ) -> None:
        self.stream = Stream(kind, seed)
        self.policy = BudgetPolicy(settings or BudgetSettings(), self.stream.reference())
        self.now_ms = START_MS
        self.pane_ms = kind.pane_ms

    def feed(self, panes: float, change: Change | None = None) -> list[Decision]:
        """Close so many panes; everything decided."""
        found: list[Decision] = []
        for _ in range(int(panes)):
            pane = self.stream.pane(self.now_ms, change)
            found += self.policy.close_pane(self.now_ms, pane)
            self.now_ms += self.pane_ms
        return found

    def feed_days(self, days: float, change: Change | None = None) -> list[Decision]:
        return self.feed(days * DAY_MS / self.pane_ms, change)

    def glitch(self, n: int, level: float, n_features: int) -> list[Decision]:
        """One pane of n events with some features far off."""
        pane = self.stream.odd_pane(n, level, n_features)
        found = self.policy.close_pane(self.now_ms, pane)
        self.now_ms += self.pane_ms
        return list(found)


HOURLY = StreamKind(n_features=3, n=500.0, pane_ms=HOUR_MS)
WEEK = BudgetSettings(learning_ms=7 * DAY_MS)


def armed(kind: StreamKind = HOURLY, settings: BudgetSettings = WEEK, seed: int = 1) -> Monitor:
    """A monitor that has just been armed."""
    monitor = Monitor(kind, settings, seed)
    assert monitor.feed_days(21) == []
    monitor.feed(1)
    assert monitor.policy.baseline_state(monitor.now_ms).stage == "armed"
    return monitor


def uniform(n_bins: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.full(n_bins, 1 / n_bins)
