"""What the budget's evidence costs: CPU to bet on one pane, and to learn from it."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection_streams import DAY_MS, START_MS
from benchmarks.engine import cpu_seconds
from benchmarks.report import Line, at_most, print_lines
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.performance_budget import PerformanceBudget, PerformancePolicy
from stream_drift.detection.settings import BudgetSettings
from stream_drift.events.columns import Columns
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.profiles.count import Counter
from stream_drift.profiles.label_count import Told, labelled_cells
from stream_drift.profiles.labelled import LabelledLayout
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import build_reference

PANE_MS = 3_600_000
PANE_EVENTS, N_REFERENCE = 500, 5_000
N_PROFILES, N_PANES = 12, 40
LEARNING = BudgetSettings(learning_ms=7 * DAY_MS)
AUDITING, ARMED = 24 * 10, 24 * 22
"""Panes before the audit is well under way, and before a baseline is armed."""
BINARY = LabelledLayout("binary", ("(other)", "1"), scored=True, has_value=False)

Counts = NDArray[np.int64]


class Closing:
    """A monitor's two policies, whose panes close one after the other."""

    def __init__(self, n_features: int, *, joint: bool, labels: bool) -> None:
        rng = np.random.default_rng(n_features)
        names = [f"x{i:03}" for i in range(n_features)]
        reference = build_reference(
            EventMapping(tuple(Field(name, (name,)) for name in names), ()),
            [_columns(rng, N_REFERENCE, n_features)],
            pane_ms=PANE_MS,
            created_at="2026-01-01T00:00:00Z",
            joint=names if joint else (),
        )
        counter = Counter(reference.layout, names, counts_events=True)
        panes = []
        for _ in range(N_PROFILES):
            panes.append(Profile.empty(reference.layout))
            coded = counter.code(_columns(rng, PANE_EVENTS, n_features))
            counter.add(panes[-1], coded, slice(None), PANE_EVENTS)
        told = [_labelled(rng) if labels else None for _ in panes]
        self._panes = zip(cycle(panes), cycle(told), strict=False)
        self._policy = BudgetPolicy(LEARNING, reference.profile)
        self._performance = PerformancePolicy(PerformanceBudget(1.0, 4_800.0, 7 * DAY_MS), BINARY)
        self._now_ms = START_MS

    def cpu_ms(self, n_panes: int) -> Iterator[float]:
        """CPU milliseconds for each of so many panes."""
        for pane, told in islice(self._panes, n_panes):
            yield 1e3 * cpu_seconds(partial(self._close, pane, told))

    def _close(self, pane: Profile, told: Counts | None) -> None:
        start_ms, self._now_ms = self._now_ms, self._now_ms + PANE_MS
        assert self._policy.close_pane(start_ms, pane) == ()
        if told is not None:
            assert self._performance.close_pane(start_ms, self._now_ms, told) == ()

    @property
    def stage(self) -> str:
        """Of the baseline."""
        return self._policy.baseline_state(self._now_ms).stage


def _columns(rng: np.random.Generator, n: int, n_features: int) -> Columns:
    places = np.arange(n)
    return Columns(places, places, places, rng.standard_normal((n, n_features)), (), None, ())


def _labelled(rng: np.random.Generator) -> Counts:
    """Scores that are true probabilities, with a label each."""
    score = rng.random(PANE_EVENTS)
    label = (rng.random(PANE_EVENTS) < score).astype(float)
    nothing, inside = np.full(PANE_EVENTS, np.nan), np.zeros(PANE_EVENTS, np.bool_)
    return labelled_cells(BINARY, Told(nothing, score, label, inside)).count(BINARY, slice(None))


def measured(n_features: int, limit_ms: float, *, everything: bool) -> Iterator[Line]:
    """Medians while the audit runs, with two models, and once armed."""
    closing = Closing(n_features, joint=everything, labels=everything)
    groups = "all groups" if everything else "no pairs, no labels"
    name = f"{n_features} features, {groups}"
    for _ in closing.cpu_ms(AUDITING):
        pass
    auditing = statistics.median(closing.cpu_ms(N_PANES))
    for _ in closing.cpu_ms(ARMED - AUDITING - N_PANES):
        pass
    assert closing.stage == "armed"
    yield at_most(f"{name}, armed", statistics.median(closing.cpu_ms(N_PANES)), limit_ms, " ms")
    yield Line(f"{name}, while it is audited", f"{auditing:.3g} ms")


def main() -> None:
    lines = [
        *measured(50, 2, everything=False),
        *measured(50, 10, everything=True),
        *measured(500, 20, everything=False),
        *measured(500, 20, everything=True),
    ]
    print_lines("evidence: CPU to close a pane of 500 events, medians", lines)


if __name__ == "__main__":
    main()
