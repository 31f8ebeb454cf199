"""What profiling an event costs: it grows with the features, and not with the reference."""

from __future__ import annotations

import numpy as np

from benchmarks.engine import PARTITION, batches, configured, cpu_seconds, reference_of
from benchmarks.report import Line, at_most, median, print_lines
from benchmarks.workload import Workload
from stream_drift.app import Monitor, profiler_settings
from stream_drift.engine.profiler import Cut, Profiler

WIDTHS = (5, 20, 100)
REFERENCE_ROWS = (20_000, 1_000_000)
N_EVENTS = 20_000
ROUNDS = 12
LEAST_LINEAR = 15
"""Percent."""

Costs = tuple[float, ...]


class Pipeline:
    """From bytes to snapshots, again and again."""

    def __init__(self, load: Workload, monitor: Monitor) -> None:
        self._settings = profiler_settings(monitor, monitor.settings.inputs[0])
        self._batches = list(batches(load))

    def cpu_us(self) -> float:
        """CPU microseconds per event of one pass."""
        return 1e6 * cpu_seconds(self._run) / N_EVENTS

    def _run(self) -> None:
        profiler = Profiler(self._settings, PARTITION, Cut(0))
        for batch in self._batches:
            profiler.apply(batch)
        assert profiler.write_changed()
        assert profiler.events == N_EVENTS


def in_turn(pipelines: list[Pipeline]) -> list[Costs]:
    """What each of them costs, once per round."""
    return [tuple(pipeline.cpu_us() for pipeline in pipelines) for _ in range(ROUNDS)]


def by_width() -> list[Line]:
    loads = [Workload(n_numbers, N_EVENTS) for n_numbers in WIDTHS]
    rounds = in_turn([Pipeline(load, configured(load)[1]) for load in loads])

    costs = np.median(rounds, axis=0)
    rows = [
        Line(f"{n_numbers} numbers and 5 more", f"{cost:.2f} µs")
        for n_numbers, cost in zip(WIDTHS, costs, strict=True)
    ]
    slope, start = np.polyfit(WIDTHS, costs, 1, w=1 / costs)
    farthest = np.max(np.abs(start + slope * np.array(WIDTHS) - costs) / costs)
    fitted = f"{start:.2f} + {slope:.3f} µs per number"
    off = at_most("greatest distance from that line", 100 * farthest, LEAST_LINEAR, " %")
    return [*rows, Line("fitted line", fitted), off]


def by_reference() -> Line:
    load = Workload(n_events=N_EVENTS)
    watch = configured(load)[1].settings
    references = [reference_of(load, n_rows) for n_rows in REFERENCE_ROWS]
    rounds = in_turn([Pipeline(load, Monitor(watch, reference)) for reference in references])
    ratio = median(rounds, lambda costs: costs[1] / costs[0])
    few, many = REFERENCE_ROWS
    return at_most(f"reference of {many:,} rows ÷ of {few:,}", ratio, 1.1)


def main() -> None:
    title = f"features: CPU per event from bytes to snapshots, medians of {ROUNDS} rounds"
    print_lines(title, [*by_width(), by_reference()])


if __name__ == "__main__":
    main()
