"""``stream-drift replay`` of a file against ``stream-drift run`` on the same events in a topic."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from benchmarks.client import Cost, Serve
from benchmarks.report import Line, at_least, median, median_ratio, print_lines
from benchmarks.stage import Stage, as_installed, on_cores, stage
from benchmarks.workload import Workload

ROUNDS = 4
LOAD = Workload()
COMMAND = "from stream_drift.cli.main import main; main()"


def write_events(path: Path) -> None:
    with path.open("wb") as file:
        file.writelines(value + b"\n" for _, value in LOAD.records())


def replay(config: str, events: Path, core: int) -> Cost:
    """What the command itself says about its time."""
    arguments = ["replay", "-c", config, "--events", str(events), "--output", "json"]
    with on_cores([core]):
        found = subprocess.run(
            [sys.executable, "-c", COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
            env=as_installed(),
        )
    said = msgspec.json.decode(found.stdout)
    n_events = sum(monitor["events"] for monitor in said["monitors"].values())
    assert n_events == LOAD.n_events
    return Cost(n_events, 0.0, 0.0, said["seconds"])


def measure(at: Stage) -> tuple[list[Cost], list[Cost]]:
    config, events = at.create(LOAD), at.folder / "events.jsonl"
    at.fill(LOAD)
    write_events(events)
    replays, runs = [], []
    replay(config, events, at.cores[0])  # compiles
    for _ in range(ROUNDS):
        replays.append(replay(config, events, at.cores[0]))
        job = Serve(config, at.fresh_prefix(), LOAD.topic, LOAD.n_events)
        runs.append(at.measure(job))
    return replays, runs


def main() -> None:
    with stage() as at:
        replays, runs = measure(at)

    def speed(cost: Cost) -> float:
        return cost.per_second

    rows = [
        Line(name, f"{median(costs, speed) / 1e3:.1f} k/s")
        for name, costs in (("run", runs), ("replay", replays))
    ]
    rows += [
        at_least("replay ÷ run, speed", median_ratio(replays, runs, speed), 1),
    ]
    print_lines(f"replay: {LOAD.n_events:,} events, medians of {ROUNDS} rounds", rows)


if __name__ == "__main__":
    main()
