"""All numbers together: one linear rule that past panes chose, tried on the next pane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.pairs import Pairs
from stream_drift.detection.settings import DAY_MS

Array = NDArray[np.float64]
FAST_PANES = 12
SLOW_MS = 3 * DAY_MS
LEAST_PANES = 2 * FAST_PANES
"""Before so many panes there is no rule."""
_RIDGE = 0.01


@dataclass(slots=True, eq=False)
class Contrast:
    """The rule that tells the last panes from the last days, as a direction.

    With means of all locations in the last dozen panes and in the last three days, Fisher's rule
    has slopes ``inverse(correlations) @ (fast - slow)``, scaled so that it varies by 1. Its mean
    in the next pane, less that of the last days, is a direction like any other: what is normal
    of it is learned from clean panes. Since a pane has no part in the rule that it is tried on,
    bets on it are as fair as all others; it gathers small shifts of many features.

    Attributes
    ----------
    fast, slow
        Means of the locations of the features that have pairs, shape (n_features,).
    panes
        How many panes they hold.
    """

    fast: Array
    slow: Array
    panes: int = 0

    @classmethod
    def start(cls, pairs: Pairs) -> Contrast:
        """Nothing seen yet."""
        n = 0 if pairs.joint is None else len(pairs.joint.features)
        return cls(np.zeros(n), np.zeros(n))

    @property
    def is_ready(self) -> bool:
        """Whether there is a rule."""
        return self.panes >= LEAST_PANES

    def value(self, locations: Array, inverse: Array) -> float:
        """The mean of the rule in a pane.

        Parameters
        ----------
        locations
            Means of the locations, NaN where a feature has too few events.
        inverse
            Inverse of the features' correlations.
        """
        slopes = inverse @ (self.fast - self.slow)
        size = np.sqrt((self.fast - self.slow) @ slopes)
        if not self.is_ready or size <= 0:
            return 0.0
        moved = np.where(np.isfinite(locations), locations - self.slow, 0.0)
        return float(slopes @ moved / size)

    def add(self, locations: Array, pane_ms: int) -> None:
        """Take a pane's means into the rule for the panes to come."""
        self.panes += 1
        self.fast = _nearer(self.fast, locations, 1 / min(self.panes, FAST_PANES))
        reach = max(SLOW_MS / pane_ms, LEAST_PANES)
        self.slow = _nearer(self.slow, locations, 1 / min(self.panes, reach))

    def settle(self) -> None:
        """What the last panes show is normal now."""
        self.slow = self.fast.copy()


def _nearer(means: Array, values: Array, step: float) -> Array:
    """A step from the means towards the values that are known."""
    return means + np.where(np.isfinite(values), step * (values - means), 0.0)


def inverse_correlations(pairs: Pairs) -> Array:
    """Inverse of the reference's correlations, with a little ridge."""
    if pairs.joint is None:
        return np.zeros((0, 0))
    table = np.eye(len(pairs.joint.features)) * (1 + _RIDGE)
    first, second = pairs.joint.pairs
    table[first, second] = table[second, first] = np.tanh(pairs.z[:-1])
    values, vectors = np.linalg.eigh(table)
    return np.asarray((vectors / np.maximum(values, _RIDGE)) @ vectors.T)
