"""One open incident of the `budget` policy: who is guilty, how far, and when it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.confidence import e_benjamini_hochberg
from stream_drift.detection.evidence import BUDGET
from stream_drift.detection.settings import DAY_MS

Array = NDArray[np.float64]
N_SLICES = 12
"""The window that decides whether an incident is over has this many slices of panes."""
LARGEST_SLICE = 168
LARGEST_FRESH = 40.0
STALE_AFTER_MS = 14 * DAY_MS
_EVENTS, _SUM, _PANES = 0, 1, 2


@dataclass(slots=True, eq=False)
class Guilt:
    """One guilty direction.

    Attributes
    ----------
    side
        0 for up, 1 for down.
    since
        Events, events times residual, and panes since its onset.
    onset_ms, earliest_ms, latest_ms
        When it began.
    opening
        Effect when it was named.
    slice_panes
        Panes per slice of its closing window.
    slices
        Events, sum and panes of the last full slices, newest last; the open one is ``partial``.
    """

    direction: int
    side: int
    since: Array
    onset_ms: int
    earliest_ms: int
    latest_ms: int
    opening: float
    slice_panes: int
    slices: list[Array] = field(default_factory=list)
    partial: Array = field(default_factory=lambda: np.zeros(3))

    @property
    def effect(self) -> float:
        """Mean residual since the onset, in the direction's sd."""
        return float(self.since[_SUM] / max(self.since[_EVENTS], 1.0))

    def add(self, sums: Array) -> None:
        """Count one pane that had events."""
        self.since = self.since + sums
        self.partial = self.partial + sums
        if self.partial[_PANES] >= self.slice_panes:
            self.slices = [*self.slices, self.partial][-N_SLICES:]
            self.partial = np.zeros(3)

    @property
    def window(self) -> Array | None:
        """Events, sum and panes of the closing window once it is full and just slid."""
        if len(self.slices) < N_SLICES or self.partial[_PANES] > 0:
            return None
        return np.asarray(np.sum(self.slices, axis=0))


@dataclass(slots=True, eq=False)
class Episode:
    """An open incident.

    Attributes
    ----------
    fresh
        Log wealth since the opening of every bet, shape (k, 2, 6): it confirms features.
    totals
        Events, events times residual, and panes of every direction since the onset, shape (k, 3).
    confirmed
        Features (index; -1 for the model) that fresh evidence stands behind.
    evidence
        The mixture that opened it.
    band
        Highest severity band announced.
    """

    entry: str
    opened_ms: int
    guilty: dict[int, Guilt]
    fresh: NDArray[np.float32]
    totals: Array
    evidence: float
    promised: bool
    related_to: str | None = None
    confirmed: set[int] = field(default_factory=set)
    band: int = 0

    def add(self, logs: Array, ready: NDArray[np.bool_], sums: Array) -> None:
        """Take one pane: log e-values (k, 2, 2, 6) and residual sums (k, 3)."""
        mask = ready[:, None, None]
        fresh = np.minimum(self.fresh + logs[:, BUDGET], LARGEST_FRESH)
        self.fresh = np.where(mask, fresh, self.fresh).astype(np.float32)
        self.totals = self.totals + sums * ready[:, None]
        for i, guilt in self.guilty.items():
            if ready[i]:
                guilt.add(sums[i])

    def confirm(
        self, by_feature: Callable[[Array], Array], weights: Array, accused: set[int]
    ) -> None:
        """Confirm accused features whose fresh evidence passes the e-BH rule over all features."""
        wealth = by_feature(np.exp(self.fresh.astype(float)).mean(axis=(1, 2)) * weights)
        passed = e_benjamini_hochberg(wealth / np.maximum(by_feature(weights), 1e-300))
        self.confirmed |= {f for f in accused if passed[f + 1]}

    def is_stale(self, now_ms: int) -> bool:
        """Open for so long that it should hide nothing any more."""
        return now_ms - self.opened_ms >= STALE_AFTER_MS
