"""A failing schedule made short: what can be left out without the failure going away."""

from __future__ import annotations

from collections.abc import Callable

from tests.laws.simulation.actions import Schedule


def shrunk(schedule: Schedule, fails: Callable[[Schedule], bool], most_trials: int) -> Schedule:
    """Leave out ever smaller stretches while the rest still fails."""
    size, trials = len(schedule) // 2, 0
    while size and trials < most_trials:
        start = 0
        while start < len(schedule) and trials < most_trials:
            shorter = schedule[:start] + schedule[start + size :]
            trials += 1
            if fails(shorter):
                schedule = shorter
            else:
                start += size
        size //= 2
    return schedule
