"""How a process is replaced: asked for over HTTP, and measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stream_drift.metrics import Sample


@dataclass(frozen=True, slots=True)
class Reload:
    """What the program around a process offers; nothing, unless it is given.

    Attributes
    ----------
    ask
        Reads the configuration again; what is wrong with it, or ``None``. Called from any thread.
    samples
        Its metrics.
    """

    ask: Callable[[], str | None] | None = None
    samples: Callable[[], Iterable[Sample]] = tuple


NO_RELOAD = Reload()
