"""Quantiles and histograms of a number from the counts of its bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.layout import NumberLayout
from stream_drift.profiles.profile import Profile

Floats = NDArray[np.float64]
TINY = 1e-300
"""The bin of a point mass at 0 ends here; no reader wants to know."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How the usable values of a number lie; within a bin they are taken to lie evenly.

    Attributes
    ----------
    edges
        Of the fine bins, increasing, shape (k,).
    below
        Share of the values below each edge, shape (k,); what is out of range on the high side is
        above the last edge.
    """

    edges: Floats
    below: Floats

    def quantile(self, q: float) -> float:
        """The value that a share ``q`` lies below; out of range, the edge that was passed.

        Examples
        --------
        >>> Spread(np.array([0.0, 1.0, 3.0]), np.array([0.0, 0.5, 1.0])).quantile(0.75)
        2.0
        """
        value = float(np.interp(q, self.below, self.edges))
        return value if abs(value) > TINY else 0.0

    def shares(self, edges: Floats) -> Floats:
        """Share of the values in each stretch between other edges, shape (len(edges) - 1,)."""
        return np.diff(np.interp(edges, self.edges, self.below))

    def share_below(self, value: float) -> float:
        """Share of the values below one value."""
        return float(np.interp(value, self.edges, self.below))


def spread_of(profile: Profile, feature: int) -> Spread | None:
    """The spread of a number feature (its place in the layout); ``None`` without values."""
    part = profile.layout.parts[feature]
    counts = profile.bins_of(feature)
    total = int(counts.sum())
    if not isinstance(part, NumberLayout) or not total:
        return None
    return Spread(np.array(part.edges), np.cumsum(counts)[:-1] / total)
