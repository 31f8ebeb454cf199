"""What is normal: season, noise and wander of every direction, and the prediction they make."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.bettor import Prediction
from stream_drift.detection.directions import Directions
from stream_drift.detection.noise import Noise
from stream_drift.detection.season import Season
from stream_drift.detection.wander import Wander

Array = NDArray[np.float64]
QUALITY_DESIGN = 2.0
"""Quality rates that were quiet while learned may still come in bursts: at least this design."""
_DOUBT_SD = 2.0
UNLEARNED_DESIGN = 4.0
"""Design effect taken for granted while there is no noise model."""


@dataclass(slots=True, eq=False)
class Model:
    """Season, noise and the state of the wander, per direction.

    Attributes
    ----------
    moved
        How far accepted incidents moved the centre.
    least_design
        Lower bound of the design effect.
    factor
        What the audit multiplies all noise by.
    weekend
        Whether the last pane was at a weekend.
    panes
        Clean panes behind each centre; 0 where it is the reference's.
    """

    season: Season
    noise: Noise
    wander: Wander
    moved: Array
    least_design: Array
    panes: Array
    factor: float = 1.0
    weekend: bool | None = None

    @classmethod
    def of_reference(cls, directions: Directions) -> Model:
        """The reference as the centre, without season, with noise that is not known yet."""
        noise = Noise.of_reference(directions.spread, directions.reference_n)
        k = len(directions)
        return cls(
            Season.flat(np.zeros(k)),
            noise,
            Wander.start(noise),
            np.zeros(k),
            np.full(k, UNLEARNED_DESIGN),
            np.zeros(k),
        )

    @classmethod
    def learned(
        cls, season: Season, noise: Noise, panes: Array, moved: Array, quality: NDArray[np.bool_]
    ) -> Model:
        """A model of so many clean panes."""
        least = least_design(quality)
        return cls(season, noise, Wander.start(noise), moved.copy(), least, panes.copy())

    def enter(self, *, weekend: bool) -> None:
        """Begin a pane: at the step to or from a weekend the level is less sure."""
        if self.weekend is not None and weekend != self.weekend:
            self.wander.variance = self.wander.variance + self.season.jump
        self.weekend = weekend

    def predict(self, directions: Directions, pane: int, n: Array, level: Array) -> Prediction:
        """Predict the mean of a pane with n events and a seasonal ``level``; moves the wander."""
        self.wander = self.wander.predict(pane, self.noise)
        noise, left = self.noise, 1 - self.wander.absorbed
        total = self.wander.variance + noise.within / np.maximum(n, 1) + noise.cell
        design = np.maximum(n * total / np.maximum(noise.spread, 1e-12), self.least_design)
        design[-1] = 1.0  # volume is bet on in its own predictive sd
        centre = level + self.wander.level
        slack = noise.slack * left
        tolerance = np.stack([slack, np.maximum(directions.floors * left, slack)], axis=1)
        normal_anyway = directions.null_share / directions.units
        spare = np.where(normal_anyway > 0, normal_anyway + directions.lowest - centre, 0)
        tolerance = np.maximum(tolerance, spare[:, None])
        return Prediction(centre, total * self.factor, design * self.factor, tolerance)

    def correct(
        self, pane: int, means: Array, expected: Prediction, ready: NDArray[np.bool_]
    ) -> None:
        """Let the wander follow a pane."""
        total = expected.total / self.factor
        self.wander = self.wander.correct(pane, means - expected.centre, total, ready)

    def move(self, directions: NDArray[np.bool_], sums: Array) -> None:
        """Make what was seen the new centre, as sure as it was seen; noise stays as it is.

        Parameters
        ----------
        directions
            Which directions move.
        sums
            Events, events times residual, and panes, shape (k, 3).
        """
        effect = np.where(directions, sums[:, 1] / np.maximum(sums[:, 0], 1), 0)
        doubt = _DOUBT_SD**2 * self.variance_of_mean(sums[:, 2], sums[:, 0])
        slack = np.where(directions, np.sqrt(self.noise.slack**2 + doubt), self.noise.slack)
        self.moved = self.moved + effect
        self.noise = replace(self.noise, slack=slack)
        self.wander.level = self.wander.level - self.wander.absorbed * effect

    def variance_of_mean(self, panes: Array, events: Array) -> Array:
        """Variance of the mean over successive panes, wander included."""
        noise = self.noise
        short = noise.wander + noise.cell + noise.within / np.maximum(events, 1)
        return np.asarray(self.factor * np.minimum(short, noise.long_run / np.maximum(panes, 1)))


def least_design(quality: NDArray[np.bool_]) -> Array:
    """Lower bound of learned design effects: quality comes in bursts that days may not show."""
    return np.where(quality, QUALITY_DESIGN, 1.0)
