"""A scalar Kalman filter per direction that follows the slow wander of clean levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.noise import Noise

Array = NDArray[np.float64]
_LARGEST_STEP = 3.0
"""The filter believes at most this many predictive sd of one pane: a glitch must not move it."""


@dataclass(slots=True, eq=False)
class Wander:
    """State of the filter, shape (k,).

    Attributes
    ----------
    level, variance
        Posterior of the slow level after the last pane.
    absorbed
        Share of a lasting offset that the level has taken over by now: what is left of it, and
        of every tolerance, is ``1 - absorbed``.
    pane
        Index of the last pane; -1 for none.
    """

    level: Array
    variance: Array
    absorbed: Array
    pane: NDArray[np.int64]

    @classmethod
    def start(cls, noise: Noise) -> Wander:
        """Nothing seen yet."""
        k = len(noise.wander)
        return cls(np.zeros(k), noise.wander.copy(), np.zeros(k), np.full(k, -1, np.int64))

    def predict(self, pane: int, noise: Noise) -> Wander:
        """The state expected at a pane."""
        kept = noise.memory ** np.maximum(np.where(self.pane < 0, 1, pane - self.pane), 0)
        variance = kept**2 * self.variance + noise.wander * (1 - kept**2)
        return Wander(kept * self.level, variance, kept * self.absorbed, self.pane)

    def correct(self, pane: int, surprise: Array, total: Array, seen: NDArray[np.bool_]) -> Wander:
        """The state after a pane; ``self`` is the prediction for it.

        Parameters
        ----------
        surprise
            Mean minus prediction.
        total
            Predictive variance of the mean.
        seen
            Directions with events enough.
        """
        gain = np.where(seen, self.variance / np.maximum(total, 1e-300), 0)
        reach = _LARGEST_STEP * np.sqrt(total)
        return Wander(
            self.level + gain * np.clip(surprise, -reach, reach),
            self.variance * (1 - gain),
            self.absorbed + gain * (1 - self.absorbed),
            np.where(seen, pane, self.pane),
        )
