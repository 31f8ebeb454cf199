"""How much memory ``stream-drift run`` takes: three hours of panes as they come, and a backlog."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.client import CAUGHT_UP, JOINED, Serve
from benchmarks.report import Line, at_most, print_lines
from benchmarks.stage import Stage, finish, stage, start, wait_for
from benchmarks.workload import Workload

MINUTE_MS = 60_000
PANES_PER_HOUR = 12
LOAD = Workload(
    n_numbers=45,
    n_events=240_000,
    span_ms=200 * MINUTE_MS,
    pane_ms=5 * MINUTE_MS,
    windows=("1h", "1d"),
)
"""45 numbers, the score, 3 categories and the prediction: 50 features."""
SECONDS = 60.0
LOOK_SECONDS = 0.2
LIMIT_MB = 250.0
FLAT_MB_PER_HOUR = 3.0


class Samples(list[float]):
    """Resident memory of a process, MB, taken every now and then."""

    def slope_per_hour(self) -> float:
        """MB per hour of panes over the last third."""
        last = self[-len(self) // 3 :]
        per_sample = float(np.polyfit(np.arange(len(last)), last, 1)[0])
        return per_sample * len(self) * PANES_PER_HOUR / LOAD.n_closed_panes


@contextmanager
def watched(process: subprocess.Popen[bytes]) -> Iterator[Samples]:
    """Sample a process for as long as the body runs."""
    samples, over = Samples(), threading.Event()

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            samples.append(rss_mb(process.pid))

    watch = threading.Thread(target=look)
    watch.start()
    yield samples
    over.set()
    watch.join()


def rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    message = "the process has no memory of its own"
    raise ProcessLookupError(message)


def as_they_come(at: Stage, config: str) -> Samples:
    """The process is there first; events arrive evenly over a minute."""
    client = start(serve(at, config), at.cores[0])
    wait_for(client, JOINED)
    with watched(client) as samples:
        at.fill(LOAD, SECONDS)
    wait_for(client, CAUGHT_UP)
    finish(client)
    return samples


def from_a_backlog(at: Stage, config: str) -> Samples:
    """All events are there first."""
    client = start(serve(at, config), at.cores[0])
    with watched(client) as samples:
        wait_for(client, JOINED)
        wait_for(client, CAUGHT_UP)
        time.sleep(10 * LOOK_SECONDS)
    finish(client)
    return samples


def serve(at: Stage, config: str) -> Serve:
    prefix, panes = at.fresh_prefix(), LOAD.n_closed_panes
    return Serve(config, prefix, LOAD.topic, LOAD.n_events, n_panes=panes)


def main() -> None:
    with stage() as at:
        config = at.create(LOAD)
        steady, backlog = as_they_come(at, config), from_a_backlog(at, config)
    one_hour = steady[: len(steady) * PANES_PER_HOUR // LOAD.n_closed_panes]
    slope = steady.slope_per_hour()
    lines = [
        at_most("as they come, after 1 h of panes", one_hour[-1], LIMIT_MB, " MB"),
        at_most(f"greatest of {LOAD.n_closed_panes} panes", max(steady), LIMIT_MB, " MB"),
        at_most("slope over the last third, per hour", slope, FLAT_MB_PER_HOUR, " MB"),
        Line("greatest while it reads all from a backlog", f"{max(backlog):.0f} MB"),
    ]
    title = (
        "memory: resident, `run` with both roles, 50 features, 4 partitions, windows 1 h and 1 d"
    )
    print_lines(title, lines)


if __name__ == "__main__":
    main()
