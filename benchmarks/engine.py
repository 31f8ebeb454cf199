"""The engine without Kafka, on the workload's events: what the benchmarks of its parts share."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.workload import CREATED_AT, Workload
from stream_drift.app import Monitor, load_monitor
from stream_drift.config.load import load_settings
from stream_drift.config.settings import Settings
from stream_drift.events.columns import Columns
from stream_drift.events.decode import Decoder
from stream_drift.events.record import PartitionId, RecordBatch
from stream_drift.reference.build import Reference, build_reference

BATCH = 1_000
CHUNK = 20_000
PARTITION = PartitionId("bench.events", "A" * 22, 0)


def cpu_seconds(step: Callable[[], object]) -> float:
    """CPU time of this process, all threads."""
    began = time.process_time()
    step()
    return time.process_time() - began


def configured(load: Workload) -> tuple[Settings, Monitor]:
    """Settings and monitor as `stream-drift run` has them."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = load_settings(load.write_config(Path(folder), "localhost:9092"))
        return settings, load_monitor(settings.monitors[0])


def batches(load: Workload) -> Iterator[RecordBatch]:
    """The records as a consumer delivers them, from one partition."""
    stamps, values = zip(*load.records(), strict=True)
    for start in range(0, len(values), BATCH):
        rows = slice(start, start + BATCH)
        offsets = np.arange(start, start + len(values[rows]), dtype=np.int64)
        yield RecordBatch(offsets, np.array(stamps[rows]), values[rows], start + len(offsets))


def reference_of(load: Workload, n_rows: int) -> Reference:
    """A reference from that many rows, all different, like those of the workload."""
    rng = np.random.default_rng(load.seed)
    stamps, values = zip(*islice(load.records(), CHUNK), strict=True)
    records = RecordBatch(np.arange(CHUNK), np.array(stamps), values, CHUNK)
    drawn = Decoder(load.mapping).decode(records)

    def chunks() -> Iterator[Columns]:
        for _ in range(0, n_rows, CHUNK):
            noise = rng.normal(1, 1e-3, drawn.numbers.shape)
            yield replace(drawn, numbers=drawn.numbers * noise, ids=None)

    return build_reference(load.mapping, chunks(), pane_ms=load.pane_ms, created_at=CREATED_AT)
