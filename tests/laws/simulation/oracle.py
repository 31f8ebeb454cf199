"""What must come out, counted a second time in plain Python, without any code of the package."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.laws.simulation.stream import Written

PANE_MS = 60_000
LATENESS_MS = 30_000
AHEAD_MS = 300_000
EARLIEST_MS = 631_152_000_000
EDGES = (-4.0, -1.0, 0.0, 1.0, 4.0)
PLACES = {"red": "red", "blue": "blue", "grey": "rare", "17": "rare"}
GRID = 65_536

Row = tuple[int, float | None, float | None, str | None]
"""Time, and the values of ``x``, ``y`` and ``c``."""
Pane = Counter[tuple[str, str]]
"""Counts by feature and place: a bin, ``missing``, ``invalid``, ``not_finite``, or a moment."""


@dataclass(slots=True)
class Count:
    """What became of the records of one monitor."""

    panes: dict[int, Pane] = field(default_factory=lambda: defaultdict(Counter))
    rows: dict[int, Counter[Row]] = field(default_factory=lambda: defaultdict(Counter))
    events: int = 0
    late: int = 0
    rejected: int = 0

    @property
    def on_time(self) -> int:
        """Events of the first topic that were not late."""
        return sum(pane["", "events"] for pane in self.panes.values())

    def with_events(self) -> dict[int, dict[tuple[str, str], int]]:
        """The panes that close with events, what is 0 left out."""
        return {
            start: {place: n for place, n in pane.items() if n}
            for start, pane in self.panes.items()
            if pane["", "events"]
        }

    def take(
        self, partition: Iterable[Written], features: Sequence[str], *, red_only: bool
    ) -> None:
        """Count one partition, in offset order; only where ``x`` is read do events count."""
        greatest = -math.inf
        for record in partition:
            event = _event(record)
            if event is not None and red_only and event.get("c") != "red":
                continue
            if event is None or not _timely(event, record):
                self.rejected += 1
                continue
            time = event["t"]
            greatest = max(greatest, time)
            start = time - time % PANE_MS
            self.events += 1
            if start + PANE_MS <= greatest - LATENESS_MS:
                self.late += 1
                continue
            pane = self.panes[start]
            pane["", "events"] += "x" in features
            _add(pane, event, features)
            self.rows[start][_row(event, features)] += 1


def _event(record: Written) -> dict[str, Any] | None:
    try:
        event = json.loads(record.value or b"")
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def _timely(event: dict[str, Any], record: Written) -> bool:
    time = event.get("t")
    return time is not None and EARLIEST_MS <= time <= record.created_ms + AHEAD_MS


def _add(pane: Pane, event: dict[str, Any], features: Sequence[str]) -> None:
    for name in features:
        if name == "c":
            pane[name, _place_of_text(event.get(name))] += 1
        else:
            _add_number(pane, name, event.get(name))


def _row(event: dict[str, Any], features: Sequence[str]) -> Row:
    x, y = (_usable(event.get(name)) if name in features else None for name in ("x", "y"))
    text = event.get("c") if "c" in features else None
    return event["t"], x, y, None if text is None or isinstance(text, list) else str(text)


def _usable(value: object) -> float | None:
    if value is None or isinstance(value, str):
        return None
    number = float(str(value))
    return number if math.isfinite(number) else None


def _place_of_text(value: object) -> str:
    if value is None:
        return "missing"
    return "invalid" if isinstance(value, list) else PLACES.get(str(value), "new")


def _add_number(pane: Pane, name: str, value: object) -> None:
    if value is None or isinstance(value, str):
        pane[name, "missing" if value is None else "invalid"] += 1
        return
    number = float(str(value))
    if not math.isfinite(number):
        pane[name, "not_finite"] += 1
        return
    grid = int(number * GRID)
    pane[name, f"bin {bisect_right(EDGES, number)}"] += 1
    pane[name, "sum"] += grid
    pane[name, "squares"] += grid * grid
