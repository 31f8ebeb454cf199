"""Simulated panes: counts of a monitor's features drawn directly, without rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.profile import Profile

Array = NDArray[np.float64]
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
START_MS = 1_704_067_200_000
"""Monday, 2024-01-01."""
RANKS = np.array([1e-4, 0.01, *np.arange(1, 20) / 20, 0.99, 1 - 1e-4])
COARSE = (0, 1, 1, *range(2, 20), 20, 20, 21)
REFERENCE_N = 50_000


@dataclass(frozen=True, slots=True)
class StreamKind:
    """What a clean stream does, and at what moment it changes.

    Attributes
    ----------
    season, weekend
        Amplitude of the daily wave, and the level of weekends, in sd.
    wander, memory_h
        Sd and memory of each feature's slow AR(1) level.
    cluster
        Identical events come in groups of this size.
    rare
        Use indicators with p = 0.01 instead of numbers.
    volume_wave
        Relative daily wave of the volume.
    gaps
        Share of panes without any event.
    """

    n_features: int = 50
    n: float = 500.0
    pane_ms: int = 300_000
    season: float = 0.0
    weekend: float = 0.0
    wander: float = 0.0
    memory_h: float = 0.8
    cluster: int = 1
    rare: bool = False
    volume_wave: float = 0.0
    gaps: float = 0.0
    missing: float = 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to the first feature."""

    shift: float = 0.0
    scale: float = 1.0
    mix: float = 0.0
    missing: float = 0.0
    ramp_ms: int = 0


def layout_of(kind: StreamKind) -> Layout:
    if kind.rare:
        parts = tuple(CategoryLayout(f"f{i:03}", ("no", "yes"), ()) for i in range(kind.n_features))
        return Layout((), parts, kind.pane_ms)
    edges = tuple(ndtri(RANKS).tolist())
    numbers = tuple(
        NumberLayout(f"f{i:03}", edges, COARSE, 0.0, 1.0) for i in range(kind.n_features)
    )
    return Layout(numbers, (), kind.pane_ms)


class Stream:
    """Draws one pane after the other; the same seed gives the same stream."""

    def __init__(self, kind: StreamKind, seed: int) -> None:
        self.kind = kind
        self.layout = layout_of(kind)
        self.rng = np.random.default_rng(seed)
        self.phase = self.rng.uniform(0, 2 * np.pi, kind.n_features)
        self.weekend = self.rng.choice([-1, 1], kind.n_features) * kind.weekend
        self.level = kind.wander * self.rng.standard_normal(kind.n_features)
        self.kept = float(np.exp(-kind.pane_ms / (kind.memory_h * HOUR_MS)))
        self.edges = np.concatenate([[-np.inf], ndtri(RANKS), [np.inf]])

    def reference(self) -> Profile:
        zero = np.zeros(self.kind.n_features)
        return self._draw(REFERENCE_N, self._shares(zero, 1.0), cluster=1)

    def _shares(self, level: Array, scale: float | Array) -> Array:
        if self.kind.rare:
            yes = ndtr(ndtri(0.01) + level)
            return np.stack([1 - yes, yes, 0 * yes, 0 * yes], axis=1)
        below = ndtr((self.edges[None] - level[:, None]) / np.reshape(scale, (-1, 1)))
        return np.diff(below, axis=1)

    def pane(self, start_ms: int, change: Change | None = None, since_ms: int = 0) -> Profile:
        """The pane at a time; ``change`` applies from ``since_ms`` on."""
        kind = self.kind
        shock = self.rng.standard_normal(kind.n_features)
        self.level = self.kept * self.level + kind.wander * np.sqrt(1 - self.kept**2) * shock
        day = 2 * np.pi * (start_ms % DAY_MS) / DAY_MS
        level = self.level + kind.season * np.sin(day + self.phase)
        if (start_ms // DAY_MS + 3) % 7 >= 5:
            level = level + self.weekend
        n = self.rng.poisson(kind.n * (1 + kind.volume_wave * np.sin(day)))
        if self.rng.random() < kind.gaps:
            n = 0
        shares = self._shares(level, 1.0)
        missing = np.full(kind.n_features, kind.missing)
        if change is not None and start_ms >= since_ms:
            shares[0] = self._changed(level[:1], change, start_ms - since_ms)
            missing[0] = max(missing[0], change.missing)
        return self._draw(int(n), shares, cluster=kind.cluster, missing=missing)

    def odd_pane(self, n: int, level: float, n_features: int) -> Profile:
        """A pane of n events with the first features at a level."""
        levels = np.zeros(self.kind.n_features)
        levels[:n_features] = level
        return self._draw(n, self._shares(levels, 1.0), cluster=1)

    def _changed(self, level: Array, change: Change, age_ms: int) -> Array:
        part = min(1.0, age_ms / change.ramp_ms) if change.ramp_ms else 1.0
        shares = self._shares(level + part * change.shift, change.scale)[0]
        other = self._shares(level + 1.5, 0.5)[0]
        return np.asarray((1 - change.mix) * shares + change.mix * other)

    def _draw(
        self, n: int, shares: Array, *, cluster: int, missing: Array | None = None
    ) -> Profile:
        profile = Profile.empty(self.layout)
        if not n:
            return profile
        groups = np.full(len(shares), max(1, n // cluster))
        lost = self.rng.binomial(groups, missing) if missing is not None else 0 * groups
        counts = self.rng.multinomial(groups - lost, shares / shares.sum(axis=1, keepdims=True))
        profile.additive[0] = groups[0] * cluster
        profile.view("bins")[:] = (counts * cluster).ravel()
        profile.view("missing")[:] = lost * cluster
        return profile
