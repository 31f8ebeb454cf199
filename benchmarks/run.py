"""``stream-drift run`` against reading the same topic with next to nothing behind it."""

from __future__ import annotations

from benchmarks.client import Cost, Drain, Serve
from benchmarks.report import Line, at_least, at_most, median, median_ratio, print_lines
from benchmarks.stage import Stage, stage
from benchmarks.workload import N_PARTITIONS, Workload

ROUNDS = 4
LOAD = Workload(n_events=500_000)
SHARED_EVENTS = 200_000

Costs = dict[str, list[Cost]]


def measure(at: Stage, rounds: int) -> Costs:
    """Every way of reading the topic once per round, after one that warms all caches."""
    config = at.create(LOAD)
    at.fill(LOAD)
    topic, n = LOAD.topic, LOAD.n_events
    at.measure(Serve(config, at.fresh_prefix(), topic, n))
    found: Costs = {}
    for _ in range(rounds):
        jobs: dict[str, Drain | Serve] = {
            "drain": Drain(at.bootstrap, topic, n),
            "decode": Drain(at.bootstrap, topic, n, LOAD.n_numbers),
            "profile": Serve(config, at.fresh_prefix(), topic, n, ("profile",)),
            "run": Serve(config, at.fresh_prefix(), topic, n, n_panes=LOAD.n_closed_panes),
        }
        for name, job in jobs.items():
            found.setdefault(name, []).append(at.measure(job))
    return found


def measure_sharing(at: Stage, rounds: int) -> Costs:
    """One process, and two that share the topic; a fresh topic each time."""
    found: Costs = {}
    for _ in range(rounds):
        for name, n_processes in (("one", 1), ("two", 2)):
            prefix = at.fresh_prefix()
            load = Workload(n_events=SHARED_EVENTS, topic=f"{prefix}.events")
            config, n_owned = at.create(load), N_PARTITIONS // n_processes
            job = Serve(config, prefix, load.topic, load.n_events, ("profile",), n_owned=n_owned)
            found.setdefault(name, []).append(together(at.catch_up([job] * n_processes, load)))
    return found


def together(costs: list[Cost]) -> Cost:
    """Processes side by side as one."""
    return Cost(
        sum(cost.n_events for cost in costs),
        sum(cost.cpu_seconds for cost in costs),
        min(cost.began for cost in costs),
        max(cost.ended for cost in costs),
    )


def cpu(cost: Cost) -> float:
    return cost.cpu_us


def speed(cost: Cost) -> float:
    return cost.per_second


def lines(found: Costs, n_cores: int) -> list[Line]:
    def ratio(above: str, below: str) -> float:
        return median_ratio(found[above], found[below], cpu)

    names = {
        "drain": "bare drain, consume()",
        "decode": "drain and typed decode",
        "profile": "run --role profile",
        "run": "run",
    }
    rows = [
        Line(
            f"{what}: CPU, speed",
            f"{median(found[name], cpu):.2f} µs, {median(found[name], speed) / 1e3:.0f} k/s",
        )
        for name, what in names.items()
    ]
    more = ratio("two", "one")
    rows += [
        at_most("run --role profile ÷ (drain and decode), CPU", ratio("profile", "decode"), 2.2),
        at_most("run ÷ (drain and decode), CPU", ratio("run", "decode"), 2.2),
        at_most("run ÷ drain, CPU", ratio("run", "drain"), 6),
        at_least("run ÷ drain, speed", median_ratio(found["run"], found["drain"], speed), 0.18),
        Line("two processes (profile) ÷ one, CPU per event", f"{more:.2f}"),
        at_least("two ÷ one, speed on cores of their own, derived: 2 ÷ that", 2 / more, 1.7),
    ]
    faster = median_ratio(found["two"], found["one"], speed)
    if n_cores > 1:
        return [*rows, at_least("two ÷ one, speed", faster, 1.7)]
    return [*rows, Line("two ÷ one, speed, one of them on the broker's core", f"{faster:.2f}")]


def main() -> None:
    with stage() as at:
        found = measure(at, ROUNDS) | measure_sharing(at, ROUNDS)
        rows = lines(found, len(at.cores))
    title = f"run: {LOAD.n_events:,} events of {LOAD.mean_bytes} B, medians of {ROUNDS} rounds"
    print_lines(title, rows)


if __name__ == "__main__":
    main()
