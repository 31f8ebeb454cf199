"""What is known of a model's performance: what is normal, and the evidence against it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.strata import Strata

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(slots=True, eq=False)
class Learning:
    """Matured panes until the baseline is known; every array per direction has shape (k,)."""

    since_ms: int
    counts: Ints
    n_predicted: int = 0
    totals: list[Array] = field(default_factory=list)
    means: list[Array] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Normal:
    """The baseline.

    Attributes
    ----------
    n, rate, sd
        Labels, mean and sd of every direction.
    dispersion
        How much more the means of panes vary than those of independent events; at least 1.
    label_share
        Share of the predictions that have a label when a pane matures.
    """

    n: Array
    rate: Array
    sd: Array
    dispersion: Array
    label_share: float
    strata: Strata | None


@dataclass(slots=True, eq=False)
class PerformanceWealth:
    """Evidence of every direction and bet, arrays of shape (k, bets).

    Attributes
    ----------
    mixed, bereft
        Shiryaev-Roberts evidence beyond what is normal; the same without its best pane.
    floor
        Evidence beyond the tolerance.
    recent
        Evidence since the most suspicious start (CUSUM): where it falls to 1 nothing had begun.
    since_ms
        That start.
    totals
        Labels and sums since then, shape (k, bets, 2).
    """

    mixed: Array
    bereft: Array
    floor: Array
    recent: Array
    since_ms: Ints
    totals: Array

    @classmethod
    def none(cls, shape: tuple[int, int], at_ms: int) -> PerformanceWealth:
        """No evidence."""
        zero = np.zeros(shape)
        return cls(zero, zero, zero, zero, np.full(shape, at_ms), np.zeros((*shape, 2)))


@dataclass(slots=True, eq=False)
class PerformanceEpisode:
    """An open incident: per guilty direction labels and sum since its onset."""

    opened_ms: int
    onset_ms: int
    earliest_ms: int
    latest_ms: int
    guilty: dict[int, Array]
    opening: dict[int, float]
    evidence: float
    recent: list[Array] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class PerformanceState:
    """All of it; ``carried`` are labels of panes too thin to bet on."""

    learning: Learning | None = None
    normal: Normal | None = None
    wealth: PerformanceWealth | None = None
    episode: PerformanceEpisode | None = None
    carried: Ints | None = None
    history: list[tuple[int, Ints]] = field(default_factory=list)
