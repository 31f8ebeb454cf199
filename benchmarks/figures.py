"""Small figures of the spine: cost by number of features, bytes on the wire, ``--help``.

Run as ``python -m benchmarks.figures``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.workload import Workload
from stream_drift.engine.effects import AppendToLog
from stream_drift.engine.profiler import Cut, Profiler, ProfilerSettings
from stream_drift.engine.wire import encode_record
from stream_drift.events.decode import Decoder
from stream_drift.events.record import PartitionId, RecordBatch
from stream_drift.profiles.count import Counter

N_EVENTS, BATCH = 20_000, 2_000
N_HELPS = 10
PROGRAM = "from stream_drift.cli.main import main; main(['--help'])"


def batches(load: Workload) -> list[RecordBatch]:
    """The events of a workload as a log gives them."""
    records = list(load.records())
    stamps = np.array([stamp for stamp, _ in records])
    values = [value for _, value in records]
    return [
        RecordBatch(
            np.arange(i, min(i + BATCH, len(values))),
            stamps[i : i + BATCH],
            values[i : i + BATCH],
            min(i + BATCH, len(values)),
        )
        for i in range(0, len(values), BATCH)
    ]


def profiling(n_numbers: int) -> tuple[float, float]:
    """CPU µs per event of the profiler alone, and bytes of a pane per feature on the wire."""
    load = Workload(n_numbers, n_events=N_EVENTS, span_ms=300_000, pane_ms=600_000)
    mapping, layout = load.mapping, load.reference().layout
    names = [field.name for field in (*mapping.numbers, *mapping.categories)]
    counter = Counter(layout, names, counts_events=True)
    machine = Profiler(
        ProfilerSettings(Decoder(mapping), counter, 10_000), PartitionId("t", "id", 0), Cut(0)
    )
    read = batches(load)
    began = time.process_time()
    for batch in read:
        machine.apply(batch)
    cpu = time.process_time() - began
    sizes = [
        len(encode_record(effect.record))
        for effect in machine.write_changed()
        if isinstance(effect, AppendToLog)
    ]
    return 1e6 * cpu / N_EVENTS, max(sizes) / len(names)


def help_seconds() -> float:
    """Median wall time of ``stream-drift --help``."""
    found = []
    for _ in range(N_HELPS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def main() -> None:
    """Print the table."""
    table = Table("what", "measured", "limit")
    for n_numbers in (5, 20, 100):
        profiling(n_numbers)
        runs = [profiling(n_numbers) for _ in range(3)]
        cpu = statistics.median(cpu for cpu, _ in runs)
        table.add_row(f"profiler alone, {n_numbers} numbers: CPU µs per event", f"{cpu:.1f}", "")
        table.add_row("  per feature", f"{cpu / (n_numbers + 5):.2f}", "linear")
        table.add_row("  bytes per feature and pane on the wire", f"{runs[0][1]:.0f}", "≤ 1024")
    table.add_row("stream-drift --help, seconds", f"{help_seconds():.2f}", "< 0.2")
    Console().print(table)


if __name__ == "__main__":
    main()
