"""A small shop as a stream: events a minute apart, a configuration, and an independent count."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from stream_drift.profiles.profile import Profile
from tests.support.program import cli

MONITOR = "shop"
PANE_MS = 60_000
T0 = 1_700_000_040_000
"""The start of a pane, in the middle of a 10-minute slot, long ago on any machine's clock."""
KINDS = ("bread", "milk", "soap", "wine")
REFERENCE = "shop.json"

CONFIG = """\
name: {name}
kafka: {kafka}
monitors:
  {monitor}:
    reference: {reference}
    pane: 1m
    windows: [5m]
    lateness: 10s
    inputs:
{inputs}
    features: {{size: number, kind: category}}
    detection:
      learning: none
      thresholds: [{{score: psi, of: size, above: 0.5, window: 5m}}]
http: {{port: {port}}}
"""

Event = dict[str, Any]
Pane = dict[str, list[int]]
"""Counts by feature: of a number's bins, or of a category's kept ones, rare ones and new ones."""

_sizes = count()


def write_config(
    folder: Path, name: str, topics: Sequence[str], kafka: Mapping[str, object], port: int
) -> Path:
    """The configuration, with its reference beside it."""
    path = folder / "stream-drift.yaml"
    inputs = [f"      - {{topic: {topic}, carries: [features], time: t}}" for topic in topics]
    path.write_text(
        CONFIG.format(
            name=name,
            kafka=json.dumps(dict(kafka)),
            monitor=MONITOR,
            reference=REFERENCE,
            inputs="\n".join(inputs),
            port=port,
        )
    )
    if not (folder / REFERENCE).exists():
        rows = folder / "reference.jsonl"
        rows.write_bytes(b"\n".join(map(encoded, events(0, 1_000, seed=99))))
        cli("reference", "build", "-c", str(path), "--from", str(rows))
    return path


def events(pane: int, n: int, *, seed: int | None = None, shift: float = 0.0) -> list[Event]:
    """``n`` events of one pane, no two of them alike, in order of time."""
    chance = np.random.default_rng(next(_sizes) if seed is None else seed)
    start = T0 + pane * PANE_MS
    return [
        {
            "t": start + i * PANE_MS // n,
            "size": float(chance.normal(shift, 1)),
            "kind": str(chance.choice(KINDS)),
        }
        for i in range(n)
    ]


def starts(*panes: int) -> list[int]:
    """Where panes start that are numbered from `T0`."""
    return [T0 + pane * PANE_MS for pane in panes]


def pane_of(start: str) -> int:
    """The number of the pane that starts at this ISO time."""
    return (int(datetime.fromisoformat(start).timestamp() * 1000) - T0) // PANE_MS


def sentinel(pane: int) -> Event:
    """An event that lets a partition's watermark pass all panes before ``pane``."""
    return {"t": T0 + pane * PANE_MS + 30_000, "size": 0.0, "kind": KINDS[0]}


def encoded(event: Event) -> bytes:
    return json.dumps(event).encode()


def expected(events: Iterable[Event], folder: Path) -> dict[int, Pane]:
    """The events of each pane, counted one by one with the reference's bins."""
    document = json.loads((folder / REFERENCE).read_bytes())
    parts = {part["name"]: part for part in document["features"]}
    edges, kept = parts["size"]["edges"], parts["kind"]["kept"]
    panes: dict[int, Pane] = {}
    for event in events:
        start = event["t"] - event["t"] % PANE_MS
        empty = {"size": [0] * (len(edges) + 1), "kind": [0] * (len(kept) + 2)}
        pane = panes.setdefault(start, empty)
        pane["size"][bisect_right(edges, event["size"])] += 1
        pane["kind"][kept.index(event["kind"])] += 1
    return panes


def counted(profile: Profile) -> Pane:
    """A closed pane in the words of `expected`."""
    names = profile.layout.names
    return {name: profile.bins_of(names.index(name)).tolist() for name in ("size", "kind")}


def n_events(panes: Mapping[int, Pane]) -> dict[int, int]:
    """Events per pane, counted in minutes from `T0`."""
    return {(start - T0) // PANE_MS: sum(pane["kind"]) for start, pane in sorted(panes.items())}
