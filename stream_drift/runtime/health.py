"""Whether the process is alive and does its work, asked of every part at the moment of asking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog

from stream_drift.metrics import PROCESS_READY, Sample

Check = Callable[[], str | None]
"""``None`` where all is well, else the problem in words; called from any thread, never waits."""

NOTHING_STARTED = "nothing has started yet"

_logger = structlog.get_logger("stream_drift.health")


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    alive: Check
    ready: Check


class Health:
    """The checks of all parts; a check that raises counts as a problem.

    *Alive* is what only a restart heals; *ready* needs alive.
    """

    def __init__(self) -> None:
        self._parts: tuple[_Part, ...] = ()

    def add(self, name: str, alive: Check, ready: Check) -> None:
        """Include a part, called by the name of its role."""
        self._parts += (_Part(name, alive, ready),)

    def alive_problems(self) -> list[str]:
        """Why the process should be restarted; empty where it should not."""
        return [
            f"{part.name}: {problem}"
            for part in self._parts
            if (problem := _ask(part.alive)) is not None
        ]

    def ready_problems(self) -> list[str]:
        """Why the process does not do all of its work now; not ready before anything is added."""
        if not self._parts:
            return [NOTHING_STARTED]
        return [
            f"{part.name}: {problem}"
            for part in self._parts
            if (problem := _not_ready(part)) is not None
        ]

    def samples(self) -> Iterator[Sample]:
        """Readiness per part, for Prometheus."""
        for part in self._parts:
            yield PROCESS_READY, (part.name,), float(_not_ready(part) is None)


def _not_ready(part: _Part) -> str | None:
    problem = _ask(part.alive)
    return _ask(part.ready) if problem is None else problem


def _ask(check: Check) -> str | None:
    try:
        return check()
    except Exception as error:
        _logger.exception("health check failed")
        return f"its health check failed ({type(error).__name__}); the log says why"
