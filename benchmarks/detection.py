"""False incidents on clean streams, delays on changed ones: `python -m benchmarks.detection`.

``--full`` makes all runs of the published tables, in an order that gives every case its share of
the time: what is kept when it is stopped says something of each. ``--write`` puts the tables of
all runs kept so far into ``docs/statistics.md``.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.detection_cases import BASELINES, Changed, Clean, changed_cases, clean_cases
from benchmarks.detection_runs import Kept, Learned, behaviour, learn, run_changed, run_clean
from benchmarks.detection_streams import StreamKind
from benchmarks.marked import DOCS, rows, write_table

CLEAN_HEAD = ("clean stream", "runs of 30 d", "false incidents", "± error", "audit factor")
CHANGED_HEAD = (
    "change",
    "runs",
    "median h",
    "quartiles h",
    "mean h",
    "median h if one pane sufficed",
    "guilty feature named",
)
Case = Clean | Changed
Run = tuple[str, int]
"""Case and seed."""
Cache = dict[tuple[StreamKind, int], Learned]


def cases(only: str) -> dict[str, Case]:
    """All cases whose name contains this."""
    found: list[tuple[str, Case]] = [*changed_cases(), *clean_cases()]
    return {name: case for name, case in found if only in name}


def wanted(name: str, case: Case, options: argparse.Namespace) -> int:
    """Runs of a case."""
    if options.runs is not None:
        return int(options.runs)
    return case.runs_full if options.full else case.runs


def one_run(case: Case, seed: int, cache: Cache) -> dict[str, float]:
    """The result of one run; learned baselines of changed streams are kept in ``cache``."""
    if isinstance(case, Clean):
        return run_clean(case, seed)
    place = case.kind, seed % BASELINES
    if place not in cache:
        cache[place] = learn(case.kind, 14, 10 + place[1])
    return run_changed(case, cache[place], 1000 + seed)


def todo(kept: dict[str, Kept], chosen: dict[str, Case], runs: dict[str, int]) -> list[Run]:
    """The missing runs; every case gets about the same time at any moment."""
    missing = [
        (name, seed)
        for name, n in runs.items()
        for seed in range(n)
        if seed not in kept[name].found
    ]
    return sorted(missing, key=lambda run: (run[1] + 1) * cost(chosen[run[0]]))


def cost(case: Case) -> float:
    """Time of a run, roughly, in any unit."""
    return (10 + case.kind.n_features) / case.kind.pane_ms


def clean_row(name: str, found: list[dict[str, float]]) -> tuple[str, ...]:
    """One line of the table of false incidents."""
    false = np.array([run["false"] for run in found])
    error = f"{false.std(ddof=1) / np.sqrt(len(false)):.2f}" if len(false) > 1 else "?"
    factor = np.mean([run["factor"] for run in found])
    return name, str(len(false)), f"{false.mean():.2f}", error, f"{factor:.1f}"


def changed_row(name: str, found: list[dict[str, float]]) -> tuple[str, ...]:
    """One line of the table of delays."""
    delays = np.array([run["delay_h"] for run in found])
    low, middle, high = np.quantile(delays, [0.25, 0.5, 0.75], method="nearest")
    right = np.mean([run["right"] for run in found])
    spread = f"{hours(low)} to {hours(high)}"
    bare = np.quantile([run["any_pane_h"] for run in found], 0.5, method="nearest")
    cells = (hours(middle), spread, hours(delays.mean()), hours(bare), f"{right:.0%}")
    return name, str(len(delays)), *cells


def hours(delay: float) -> str:
    """A delay; infinite where nothing opened."""
    return f"{delay:.2f}" if np.isfinite(delay) else "none"


def tables(chosen: dict[str, Case], kept: dict[str, Kept]) -> dict[str, list[str]]:
    """Markdown of delays and of false incidents, from the runs that are kept."""
    done = {name: list(kept[name].found.values()) for name in chosen if kept[name].found}
    clean = [clean_row(n, runs) for n, runs in done.items() if isinstance(chosen[n], Clean)]
    changed = [changed_row(n, runs) for n, runs in done.items() if isinstance(chosen[n], Changed)]
    return {"delays": rows(CHANGED_HEAD, changed), "clean streams": rows(CLEAN_HEAD, clean)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="all runs of the published table")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--runs", type=int, help="so many runs per case; 0: show what is kept")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {DOCS.name}")
    options = parser.parse_args()
    version, chosen, cache = behaviour(), cases(options.only), Cache()
    kept = {name: Kept(version, name) for name in chosen}
    runs = {name: wanted(name, case, options) for name, case in chosen.items()}
    for name, seed in todo(kept, chosen, runs):
        kept[name].add(seed, one_run(chosen[name], seed, cache))
        print(f"{name}, run {seed}: {kept[name].found[seed]}", flush=True)
    for title, lines in tables(chosen, kept).items():
        print("\n".join(["", title, *lines]))
        if options.write:
            write_table(DOCS, title, lines)


if __name__ == "__main__":
    main()
