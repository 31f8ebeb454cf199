"""How many events come, how regularly, and what follows for panes, windows and samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from stream_drift.config.durations import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UNITS_MS

ENOUGH_PER_PANE = 100
"""Events that a pane should hold on average."""
PANES_MS = (5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS)
WINDOWS = {5 * MINUTE_MS: ("1h", "1d"), 15 * MINUTE_MS: ("1h", "1d"), HOUR_MS: ("1d", "7d")}
LONG_WINDOWS = ("7d", "28d")
"""Of panes longer than an hour."""
GAPS_OF_SILENCE = 5
"""No data for so many times the longest gap seen is worth an incident."""
SAMPLED_PER_SECOND = 10.0
SMALLEST_RATE = 1_024
FEW_EVENTS = 20
"""Fewer tell nothing about how many come."""


@dataclass(frozen=True, slots=True)
class Volume:
    """What the event times tell.

    Attributes
    ----------
    step_ms
        The greatest unit (a day, an hour, a second or 1 ms) that all times are multiples of.
    """

    n_events: int
    first_ms: int
    last_ms: int
    longest_gap_ms: int
    step_ms: int

    @property
    def per_second(self) -> float:
        """Events per second on average."""
        span_ms = max(self.last_ms - self.first_ms + self.step_ms, 1)
        return 1_000 * self.n_events / span_ms

    @property
    def pane_ms(self) -> int:
        """The shortest pane that holds enough events and does not cut finer than the times."""
        for pane_ms in PANES_MS:
            if pane_ms >= self.step_ms and self.per_second * pane_ms >= 1_000 * ENOUGH_PER_PANE:
                return pane_ms
        return PANES_MS[-1]

    @property
    def windows(self) -> tuple[str, ...]:
        """Windows that suit the pane."""
        return WINDOWS.get(self.pane_ms, LONG_WINDOWS)

    @property
    def no_data_for_ms(self) -> int:
        """Five times the longest gap, in a unit that reads well, and at least a pane."""
        wanted_ms = max(GAPS_OF_SILENCE * self.longest_gap_ms, self.pane_ms)
        unit_ms = next((ms for ms in UNITS_MS.values() if wanted_ms >= 2 * ms), SECOND_MS)
        return -(-wanted_ms // unit_ms) * unit_ms

    @property
    def sampled_one_in(self) -> int:
        """1 in how many events to sample: 1 below about ten a second, else a power of two."""
        one_in = 1
        while self.per_second / one_in >= SAMPLED_PER_SECOND and one_in < SMALLEST_RATE:
            one_in *= 2
        return one_in


def volume_of(times_ms: Sequence[int]) -> Volume | None:
    """What the times tell; ``None`` for too few, or for only one."""
    ordered = sorted(set(times_ms))
    if len(ordered) <= 1 or len(times_ms) < FEW_EVENTS:
        return None
    gap_ms = max(after - before for before, after in pairwise(ordered))
    steps_ms = (DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS)
    step_ms = next((step for step in steps_ms if all(t % step == 0 for t in ordered)), 1)
    return Volume(len(times_ms), ordered[0], ordered[-1], gap_ms, step_ms)
