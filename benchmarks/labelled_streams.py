"""Panes of a model's predictions and labels, in which much can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.decision import Decision
from stream_drift.detection.performance_budget import PerformanceBudget, PerformancePolicy
from stream_drift.profiles.label_count import Told, labelled_cells
from stream_drift.profiles.labelled import LabelledLayout

PANE_MS = 1_000
Counts = NDArray[np.int64]
ERRORS = LabelledLayout("binary", ("(other)", "1"))
SCORED = LabelledLayout("binary", ("(other)", "1"), scored=True, has_value=False)


@dataclass(slots=True)
class Watched:
    """A policy and the time of its stream."""

    policy: PerformancePolicy
    now_ms: int = 0

    @classmethod
    def of(cls, layout: LabelledLayout, threshold: float, learning_panes: int) -> Watched:
        """It knows nothing yet."""
        settings = PerformanceBudget(1.0, threshold, learning_panes * PANE_MS)
        return cls(PerformancePolicy(settings, layout))

    def again(self) -> Watched:
        """Another one that has learned the same."""
        policy = PerformancePolicy(self.policy.settings, self.policy.layout)
        assert policy.restore(self.policy.snapshot())
        return Watched(policy, self.now_ms)

    def take(self, counts: Counts) -> tuple[Decision, ...]:
        """The next pane."""
        self.now_ms += PANE_MS
        return self.policy.close_pane(self.now_ms - PANE_MS, self.now_ms, counts)


def errors(chance: np.random.Generator, n: int, rate: float) -> Counts:
    """Labels of two equally frequent classes, and wrong answers alike in both."""
    label = (chance.random(n) < 0.5).astype(float)
    prediction = np.where(chance.random(n) < rate, 1 - label, label)
    told = Told(prediction, np.full(n, np.nan), label, np.zeros(n, np.bool_))
    return labelled_cells(ERRORS, told).count(ERRORS, slice(None))


CAUSES: Mapping[str, Mapping[str, float]] = {
    "nothing": {},
    "other inputs, misspecified model": {"shift": -1.2},
    "labels flipped for 12 %": {"flips": 0.12},
    "25 % from outside the reference": {"strangers": 0.25},
    "other inputs and flipped labels": {"shift": -1.2, "flips": 0.12},
}


def scored(
    chance: np.random.Generator,
    n: int,
    shift: float = 0.0,
    flips: float = 0.0,
    strangers: float = 0.0,
) -> Counts:
    """A logistic model that misses a square; ``strangers`` are not covered by the reference."""
    x = chance.normal(1.5 + shift, 1, n)
    truth = chance.random(n) < 1 / (1 + np.exp(-(2 * x + 0.3 * x**2)))
    far = chance.random(n) < strangers
    label = np.where(far, chance.random(n) < 0.5, truth ^ (chance.random(n) < flips))
    score, none = 1 / (1 + np.exp(-2 * x)), np.full(n, np.nan)
    told = Told(none, score, label.astype(float), far)
    return labelled_cells(SCORED, told).count(SCORED, slice(None))
