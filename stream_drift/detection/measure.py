"""One pane, or several thin ones together, as means of all directions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.directions import Directions
from stream_drift.detection.legendre import N_SHAPES
from stream_drift.profiles.profile import Profile

Array = NDArray[np.float64]
LEAST_EVENTS = 20
"""Fewer events than this wait for the next pane."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What the directions need of a profile; tallies add.

    Attributes
    ----------
    table
        Events per cell of each number, shape (n_numbers, width).
    hits, trials
        Per indicator the events it held for, and could have held for.
    events
        Events of the pane, of which volume is made.
    joint
        What the correlations are made of, see `joint_sums`; empty where there are no pairs.
    season
        Seasonal level times events, shape (n_models, k): thin panes of different hours keep
        their own.
    """

    table: Array
    hits: Array
    trials: Array
    events: float
    joint: Array
    season: Array

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            self.table + other.table,
            self.hits + other.hits,
            self.trials + other.trials,
            self.events + other.events,
            self.joint + other.joint,
            self.season + other.season,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A tally with the events behind each direction, the means, and who has events enough."""

    tally: Tally
    n: Array
    means: Array
    ready: NDArray[np.bool_]

    @property
    def levels(self) -> Array:
        """Seasonal level per model, shape (n_models, k)."""
        return np.asarray(self.tally.season / np.maximum(self.n, 1))

    def sums(self, level: Array) -> Array:
        """Events, events times residual, and 1, shape (k, 3)."""
        return np.stack([self.n, self.n * (self.means - level), np.ones(len(self.n))], axis=1)


class Measure:
    """Turns profiles into tallies and tallies into direction means."""

    def __init__(self, directions: Directions) -> None:
        self._directions = directions
        shares = directions.shares
        counts = [len(share.hits) for share in shares]
        self._share_of_hit = np.repeat(np.arange(len(shares)), counts)
        self._hit_places = np.array([p for share in shares for p in share.hits], np.int64)
        self._share_features = np.array([share.feature for share in shares], np.int64)
        self._of_usable = np.array([share.of_usable for share in shares], bool)
        self._rates = np.array([share.rate for share in shares])
        self._units = np.array([share.unit for share in shares])
        self._squares = directions.cells.phi**2

    def tally(self, profile: Profile, season: Array) -> Tally:
        """Count one pane; ``season`` is the level at its time, shape (n_models, k)."""
        usable, offered = profile.usable().astype(float), profile.offered().astype(float)
        places = self._share_features
        trials = np.where(self._of_usable, usable[places], offered[places])
        hits = np.bincount(
            self._share_of_hit,
            weights=profile.additive[self._hit_places],
            minlength=len(self._rates),
        ).astype(float)
        table = self._directions.cells.counts(profile)
        joint = self._directions.pairs.sums(profile)
        tally = Tally(table, hits, trials, float(profile.events), joint, season)
        return replace(tally, season=season * self.events(tally))

    def events(self, tally: Tally) -> Array:
        """Events behind each direction; a volume is one event."""
        shapes = np.repeat(tally.table.sum(axis=1), N_SHAPES)
        both, _ = self._directions.pairs.measure(tally.joint)
        return np.concatenate([shapes, tally.trials, both, [float(tally.events > 0)]])

    def means(self, tally: Tally) -> Measured:
        """Means of all directions; volume is log(events)."""
        n = self.events(tally)
        shapes = np.einsum("fkb,fb->fk", self._directions.cells.phi, tally.table).ravel()
        shares = (tally.hits - tally.trials * self._rates) / self._units
        total = np.log(max(tally.events, 1.0))
        before = self._directions.first_pair
        _, z = self._directions.pairs.measure(tally.joint)
        alone = np.concatenate([shapes, shares]) / np.maximum(n[:before], 1.0)
        means = np.concatenate([alone, z, [total]])
        least = np.full(len(n), float(LEAST_EVENTS))
        least[-1] = 1
        return Measured(tally, n, means, n >= least)

    def spread(self, measured: Measured) -> Array:
        """Variance of each direction within the pane; 0 for volume."""
        tally, n, means = measured.tally, measured.n, measured.means
        shapes = np.einsum("fkb,fb->fk", self._squares, tally.table).ravel()
        n_shapes = self._directions.n_shapes
        shapes = shapes / np.maximum(n[:n_shapes], 1) - means[:n_shapes] ** 2
        rates = tally.hits / np.maximum(tally.trials, 1)
        ones = np.ones(len(self._directions.pairs))
        return np.concatenate([shapes, rates * (1 - rates) / self._units**2, ones, [0.0]])

    def thin(self, measured: Measured) -> Tally | None:
        """The part of a tally that waits for the next pane; ``None`` if nothing does."""
        tally, wait = measured.tally, ~measured.ready
        if not wait.any():
            return None
        n_shapes, first_pair = self._directions.n_shapes, self._directions.first_pair
        all_wait = wait[first_pair:-1].all()
        wait[first_pair:-1] = all_wait  # pairs share their sums: they wait together
        return Tally(
            tally.table * wait[:n_shapes:N_SHAPES, None],
            tally.hits * wait[n_shapes:first_pair],
            tally.trials * wait[n_shapes:first_pair],
            0.0,
            tally.joint * all_wait,
            tally.season * wait,
        )
