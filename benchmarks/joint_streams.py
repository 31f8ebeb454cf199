"""Simulated panes of number features that move together: rows are drawn, then counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.columns import Columns
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.profiles.count import Counter
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import Reference, build_reference

HOUR_MS = 3_600_000
REFERENCE_N = 30_000

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class JointKind:
    """Standard normal features of which the first two have a correlation.

    Attributes
    ----------
    cluster
        Identical events come in groups of this size.
    season
        Amplitude of a daily wave of all features, in sd.
    wander
        Sd of a slow level (AR(1) with a memory of three hours) of each feature.
    heavy
        Degrees of freedom of t-distributed values; 0 for normal ones.
    """

    n_features: int = 20
    n: int = 500
    pane_ms: int = HOUR_MS
    correlation: float = 0.5
    cluster: int = 1
    season: float = 0.0
    wander: float = 0.0
    heavy: int = 0


class JointStream:
    """Draws one pane after the other; the same seed gives the same stream.

    Attributes
    ----------
    reference_rows
        What the reference was built from.
    """

    def __init__(self, kind: JointKind, seed: int) -> None:
        self.kind = kind
        self._chance = np.random.default_rng(seed)
        names = [f"x{i:02}" for i in range(kind.n_features)]
        self._mapping = EventMapping(tuple(Field(name, (name,)) for name in names), ())
        rows = self.reference_rows = self.rows(REFERENCE_N, kind.correlation)
        self.reference: Reference = build_reference(
            self._mapping,
            [_columns(rows)],
            pane_ms=kind.pane_ms,
            created_at="2026-01-01T00:00:00Z",
            joint=names,
            keep_rows=True,
        )
        self._level = np.zeros(kind.n_features)
        self._counter = Counter(self.reference.layout, names, counts_events=True)

    def rows(self, n: int, correlation: float) -> Table:
        """So many rows, shape (n, n_features)."""
        kind, chance = self.kind, self._chance
        table = chance.standard_normal((-(-n // kind.cluster), kind.n_features))
        rest = np.sqrt(1 - correlation**2)
        table[:, 1] = correlation * table[:, 0] + rest * table[:, 1]
        if kind.heavy:
            table /= np.sqrt(chance.chisquare(kind.heavy, (len(table), 1)) / kind.heavy)
        return np.asarray(np.repeat(table, kind.cluster, axis=0)[:n])

    def pane(self, start_ms: int, correlation: float | None = None, shift: float = 0.0) -> Profile:
        """The pane at a time, with another correlation or all features shifted if told."""
        kind = self.kind
        n = int(self._chance.poisson(kind.n))
        rows = self.rows(n, kind.correlation if correlation is None else correlation)
        wave = kind.season * np.sin(2 * np.pi * start_ms / (24 * HOUR_MS))
        if kind.wander:
            kept = np.exp(-kind.pane_ms / (3 * HOUR_MS))
            shock = kind.wander * np.sqrt(1 - kept**2)
            self._level = kept * self._level + shock * self._chance.standard_normal(len(rows.T))
        return self.counted(rows + wave + self._level + shift)

    def counted(self, rows: Table) -> Profile:
        """The profile of some rows."""
        profile = Profile.empty(self.reference.layout)
        coded = self._counter.code(_columns(rows))
        self._counter.add(profile, coded, slice(None), len(rows))
        return profile


def _columns(rows: Table) -> Columns:
    offsets = np.arange(len(rows))
    return Columns(offsets, offsets, offsets, rows, (), None, ())
