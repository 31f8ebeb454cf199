"""The events that everything is measured on, and the monitor that watches them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.events.record import RecordBatch
from stream_drift.reference.build import Reference, build_reference
from stream_drift.runtime.reference_file import write_reference

N_BODIES = 20_000
MEAN_AGE_MS = 400.0
CREATED_AT = "2026-01-01T00:00:00Z"
MONITOR = "bench"
N_PARTITIONS = 4
LATENESS_MS = 10_000
CATEGORIES = {
    "plan": ("free", "basic", "pro", "team"),
    "region": ("eu", "us"),
    "channel": "abcdefgh",
}


@cache
def _bodies(n_numbers: int, seed: int) -> list[bytes]:
    rng = np.random.default_rng(seed)
    digits = rng.integers(6, 18, n_numbers)
    scale = 10.0 ** rng.integers(0, 4, n_numbers)
    columns = [
        [f'"{name}": {value:.{n}g}' for value in rng.normal(5, 1, N_BODIES) * size]
        for name, n, size in zip(number_names(n_numbers), digits, scale, strict=True)
    ]
    for name, texts in CATEGORIES.items():
        drawn = rng.integers(len(texts), size=N_BODIES)
        columns.append([f'"{name}": "{texts[i]}"' for i in drawn])
    scores = rng.beta(2, 5, N_BODIES)
    columns.append([f'"prediction": {int(s > 0.5)}, "score": {s:.6f}}}' for s in scores])
    return [", ".join(row).encode() for row in zip(*columns, strict=True)]


def number_names(n_numbers: int) -> list[str]:
    return [f"f_{i:02}" for i in range(n_numbers)]


@dataclass(frozen=True, slots=True)
class Workload:
    """Flat JSON events of a binary classifier.

    Each feature's numbers have as many digits as it was dealt, from 6 to 17. Event time lies
    a little before the record's timestamp, both run evenly over the span: what a producer writes.
    """

    n_numbers: int = 20
    n_events: int = 300_000
    start_ms: int = 1_790_000_000_000
    span_ms: int = 600_000
    pane_ms: int = 60_000
    windows: tuple[str, ...] = ("1h",)
    topic: str = "bench.events"
    seed: int = 7

    @property
    def numbers(self) -> list[str]:
        """Names of the number features."""
        return number_names(self.n_numbers)

    @property
    def mapping(self) -> EventMapping:
        """What is read of an event, as the configuration says it."""
        numbers = [Field(name, (name,)) for name in (*self.numbers, "score")]
        categories = [Field(name, (name,)) for name in (*CATEGORIES, "prediction")]
        return EventMapping(tuple(numbers), tuple(categories), ("id",), ("time",))

    @property
    def n_closed_panes(self) -> int:
        """How many panes close while the events are read: not the last, nor one still in time."""
        last_ms = self.start_ms + self.span_ms - self.span_ms // self.n_events
        reached = (last_ms - LATENESS_MS) // self.pane_ms
        return reached - self.start_ms // self.pane_ms

    @property
    def mean_bytes(self) -> int:
        """Mean length of an event."""
        bodies = self.bodies()
        return sum(map(len, bodies)) // len(bodies) + len(self.head(0, self.start_ms))

    @staticmethod
    def head(number: int, time_ms: int) -> bytes:
        """The beginning of an event."""
        return b'{"id": "evt-%012d", "time": %d, ' % (number, time_ms)

    def bodies(self) -> list[bytes]:
        """What stands behind the time in an event, many times over."""
        return _bodies(self.n_numbers, self.seed)

    def records(self) -> Iterator[tuple[int, bytes]]:
        """Record timestamp and value, in the order in which they are produced."""
        bodies = self.bodies()
        rng = np.random.default_rng(self.seed + 1)
        stamps = self.start_ms + np.arange(self.n_events) * self.span_ms // self.n_events
        times = stamps - rng.exponential(MEAN_AGE_MS, self.n_events).astype(np.int64)
        chosen = rng.integers(len(bodies), size=self.n_events)
        rows = zip(stamps.tolist(), times.tolist(), chosen.tolist(), strict=True)
        for i, (stamp, time_ms, body) in enumerate(rows):
            yield stamp, self.head(i, time_ms) + bodies[body]

    def reference(self) -> Reference:
        """What the model was accepted on: events like those that are measured."""
        values = [self.head(0, self.start_ms) + body for body in self.bodies()]
        places = np.arange(len(values), dtype=np.int64)
        batch = RecordBatch(places, np.full(len(values), self.start_ms), values, len(values))
        columns = Decoder(self.mapping).decode(batch)
        return build_reference(self.mapping, [columns], pane_ms=self.pane_ms, created_at=CREATED_AT)

    def write_config(self, folder: Path, bootstrap: str) -> Path:
        """Configuration and reference, as `stream-drift run` takes them, in a folder of its own."""
        folder = folder / self.topic
        folder.mkdir()
        write_reference(folder / "reference.json", self.reference())
        features = [f"      {name}: number" for name in self.numbers]
        features += [f"      {name}: category" for name in CATEGORIES]
        config = folder / "stream-drift.yaml"
        config.write_text(
            f"""\
name: bench
kafka: {{bootstrap.servers: "{bootstrap}", group.protocol: consumer}}
monitors:
  {MONITOR}:
    model_version: "1"
    reference: reference.json
    pane: {self.pane_ms // 1000}s
    windows: [{", ".join(self.windows)}]
    lateness: {LATENESS_MS // 1000}s
    inputs:
      - topic: {self.topic}
        format: json
        carries: [features, prediction]
        event_id: id
        time: time
    features:
{chr(10).join(features)}
    prediction: {{value: prediction, score: score, task: binary, positive: 1}}
    detection:
      thresholds: [{{score: psi, of: '*', above: 0.2, window: {self.windows[0]}, for: 3}}]
http: {{port: 0}}
"""
        )
        return config
