"""The model's own test: how quiet would the detector have been on clean days it had not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.bets import BETS_PER_DIRECTION, N_SIDES, SIZES, temper
from stream_drift.detection.evidence import BUDGET, LARGEST

Array = NDArray[np.float64]
FACTORS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0)


@dataclass(slots=True, eq=False)
class Audit:
    """The budget's detector once per factor of noise; the least factor that stays quiet wins.

    The filter's gain does not change when all noise is multiplied, so one set of bets serves all.

    Attributes
    ----------
    mixed
        Evidence per factor, shape (7, k, 2, 6).
    peaks
        Largest mixture per factor over the days that count.
    today
        The same for the day under way: it counts once it is over without an incident.
    day
        Its number.
    """

    mixed: NDArray[np.float32]
    peaks: Array
    today: Array
    day: int

    @classmethod
    def start(cls, k: int, day: int) -> Audit:
        """Nothing audited yet."""
        shape = (len(FACTORS), k, N_SIDES, len(SIZES))
        return cls(np.zeros(shape, np.float32), np.zeros(7), np.zeros(7), day)

    def add(
        self, bets: tuple[Array, Array, Array], weights: Array, ready: NDArray[np.bool_], day: int
    ) -> None:
        """Take one pane's log wealth (not tempered), design effects at factor 1, and events."""
        logs, design, n = bets
        if day != self.day:
            self.peaks, self.today, self.day = np.maximum(self.peaks, self.today), np.zeros(7), day
        mask = ready[:, None, None]
        for i, factor in enumerate(FACTORS):
            factors = np.exp(temper(logs[:, BUDGET : BUDGET + 1], design * factor, n)[:, 0])
            mixed = np.minimum((self.mixed[i] + 1) * factors, LARGEST)
            self.mixed[i] = np.where(mask, mixed, self.mixed[i])
        sums = self.mixed.sum(axis=(2, 3), dtype=np.float64)
        self.today = np.maximum(self.today, sums @ weights / BETS_PER_DIRECTION)

    def discard(self) -> None:
        """An incident opened: what led to it says nothing about clean days."""
        self.mixed[:] = 0
        self.today[:] = 0

    def factor(self, limit: float) -> float:
        """The least factor that stayed under ``limit`` on the full days, else the largest."""
        quiet = np.flatnonzero(self.peaks < limit)
        return FACTORS[int(quiet[0])] if len(quiet) else FACTORS[-1]


def audit_limit(threshold: float) -> float:
    """What an audited mixture must stay under: a tenth of the threshold, where that is not tiny.

    Clean mixtures are 5 to 30 at any threshold.
    """
    return min(threshold / 2, max(threshold / 10, 100.0))
