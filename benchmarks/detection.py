"""False incidents on clean streams, delays on changed ones: `python -m benchmarks.detection`.

Every run is kept in ``.cache/detection`` under its case, its seed and a fingerprint of the
detector's sources, so an interrupted benchmark goes on where it stopped.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.detection_streams import DAY_MS, HOUR_MS, START_MS, Change, Stream, StreamKind
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.decision import Opened
from stream_drift.detection.settings import BudgetSettings

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "detection"
CLEAN_DAYS = 30
BASELINES = 4
"""Changes are spread over so many learned baselines: their errors delay or help."""
IID = StreamKind()
REAL = StreamKind(season=0.15, wander=0.05, memory_h=0.79, volume_wave=0.5)
HOUR = replace(REAL, n_features=20, pane_ms=HOUR_MS)


@dataclass(frozen=True, slots=True)
class Clean:
    """A clean stream, watched for 30 days once armed."""

    kind: StreamKind
    learning_days: float = 14
    runs: int = 2
    runs_full: int = 100


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of the first feature once armed, at a random time of day."""

    kind: StreamKind
    change: Change
    limit_h: float
    runs: int = 20
    runs_full: int = 60


def clean_cases() -> Iterator[tuple[str, Clean]]:
    classes = {
        "iid": IID,
        "season+wander": REAL,
        "weekend": replace(REAL, weekend=0.1),
        "rare": StreamKind(rare=True),
        "clustered x5": replace(IID, cluster=5),
        "clustered x20": replace(IID, cluster=20, n=1000),
        "gaps 10 %": replace(REAL, gaps=0.1),
        "20 events/h": replace(REAL, n=20 / 12),
    }
    for name, kind in classes.items():
        for n_features in (5, 50):
            yield f"{name} F={n_features}", Clean(replace(kind, n_features=n_features))
        if name in ("iid", "season+wander", "clustered x5"):
            many = replace(kind, n_features=500)
            yield f"{name} F=500", Clean(many, runs=0, runs_full=20)
    for pane_ms, label in ((HOUR_MS, "1 h"), (HOUR_MS // 12, "5 min")):
        n = 500.0 * pane_ms / HOUR_MS * (1 if pane_ms == HOUR_MS else 12)
        for memory in (1, 3, 10, 24):
            for days in (7, 14, 28):
                kind = replace(HOUR, pane_ms=pane_ms, n=n, memory_h=memory)
                few = 4 if pane_ms == HOUR_MS else 1
                yield f"grid {label} {memory} h {days} d", Clean(kind, days, few, 30)


def changed_cases() -> Iterator[tuple[str, Changed]]:
    changes = {
        "+0.1 sd": (Change(shift=0.1), 120.0),
        "+0.25 sd": (Change(shift=0.25), 48.0),
        "variance x1.5": (Change(scale=1.5**0.5), 24.0),
        "20 % mix": (Change(mix=0.2), 24.0),
        "ramp to 0.25": (Change(shift=0.25, ramp_ms=DAY_MS), 72.0),
        "all null": (Change(missing=1.0), 6.0),
    }
    for label, kind in (("iid", IID), ("season+wander", REAL)):
        for name, (change, limit_h) in changes.items():
            yield f"{label}: {name}", Changed(kind, change, limit_h)
    trivial = StreamKind(n=50_000, n_features=20)
    yield "0.02 sd at n=50 000", Changed(trivial, Change(shift=0.02), 30 * 24.0, 1, 5)


Learned = tuple[Stream, BudgetPolicy, int]


def learn(kind: StreamKind, learning_days: float, seed: int) -> Learned:
    """A monitor just armed, its stream, and the time."""
    stream = Stream(kind, seed)
    settings = BudgetSettings(learning_ms=int(learning_days * DAY_MS))
    policy = BudgetPolicy(settings, stream.reference())
    now = START_MS
    while policy.baseline_state(now).stage != "armed":
        policy.close_pane(now, stream.pane(now))
        now += kind.pane_ms
    return stream, policy, now


def run_clean(case: Clean, seed: int) -> dict[str, float]:
    stream, policy, now = learn(case.kind, case.learning_days, seed)
    end, opened, promised = now + CLEAN_DAYS * DAY_MS, 0, 0
    while now < end:
        for decision in policy.close_pane(now, stream.pane(now)):
            if isinstance(decision, Opened):
                opened += 1
                promised += bool(decision.budget and decision.budget.promised)
        now += case.kind.pane_ms
    state = policy.baseline_state(now)
    return {"false": opened, "factor": state.audit_factor, "unarmable": len(state.unarmable)}


def run_changed(case: Changed, learned: Learned, seed: int) -> dict[str, float]:
    stream, policy, now = copy.deepcopy(learned)
    stream.rng = np.random.default_rng(seed)
    start = now + int(stream.rng.integers(0, DAY_MS // case.kind.pane_ms)) * case.kind.pane_ms
    while now < start + case.limit_h * HOUR_MS:
        for decision in policy.close_pane(now, stream.pane(now, case.change, start)):
            if isinstance(decision, Opened) and now >= start:
                right = any(finding.feature == "f000" for finding in decision.findings)
                delay = (now + case.kind.pane_ms - start) / HOUR_MS
                return {"delay_h": delay, "right": float(right)}
        now += case.kind.pane_ms
    return {"delay_h": float("inf"), "right": 0.0}


def fingerprint() -> str:
    digest = hashlib.blake2b(digest_size=6)
    sources = (ROOT / "stream_drift" / "detection").glob("*.py")
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Kept:
    """Results by case and seed, one line each."""

    def __init__(self, name: str) -> None:
        safe = "".join(c if c.isalnum() else "_" for c in name)
        self._path = CACHE / fingerprint() / f"{safe}.jsonl"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        self.found = {entry["seed"]: entry for entry in map(json.loads, lines)}

    def add(self, seed: int, result: dict[str, float]) -> None:
        self.found[seed] = {"seed": seed, **result}
        with self._path.open("a") as file:
            file.write(json.dumps(self.found[seed]) + "\n")


def show_clean(name: str, case: Clean, *, full: bool) -> None:
    runs = case.runs_full if full else case.runs
    if not runs:
        return
    kept = Kept(name)
    for seed in range(runs):
        if seed not in kept.found:
            kept.add(seed, run_clean(case, seed))
    false = np.array([kept.found[seed]["false"] for seed in range(runs)])
    error = false.std(ddof=1) / np.sqrt(runs) if runs > 1 else float("nan")
    factors = [kept.found[seed]["factor"] for seed in range(runs)]
    print(
        f"{name:32} {runs:4} x 30 d   false {false.mean():5.2f} ± {error:4.2f}"
        f"   audit factor {np.mean(factors):.1f}",
        flush=True,
    )


def show_changed(
    name: str, case: Changed, cache: dict[tuple[StreamKind, int], Learned], *, full: bool
) -> None:
    runs = case.runs_full if full else case.runs
    kept = Kept(name)
    for seed in range(runs):
        if seed in kept.found:
            continue
        place = case.kind, seed % BASELINES
        if place not in cache:
            cache[place] = learn(case.kind, 14, 10 + place[1])
        kept.add(seed, run_changed(case, cache[place], 1000 + seed))
    delays = np.array([kept.found[seed]["delay_h"] for seed in range(runs)])
    low, middle, high = np.quantile(delays, [0.25, 0.5, 0.75], method="nearest")
    right = np.mean([kept.found[seed]["right"] for seed in range(runs)])
    print(
        f"{name:32} {runs:4} runs   median {middle:6.2f} h   quartiles {low:.2f} to {high:.2f}"
        f"   mean {delays.mean():.2f}   right feature {right:4.0%}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="all runs of the published table")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--runs", type=int, help="so many runs per case")
    options = parser.parse_args()
    cache: dict[tuple[StreamKind, int], Learned] = {}
    for name, changed in changed_cases():
        if options.only in name:
            case = replace(changed, runs=options.runs or changed.runs)
            show_changed(name, case, cache, full=options.full)
    for name, clean in clean_cases():
        if options.only in name:
            runs = options.runs if options.runs and clean.runs else clean.runs
            show_clean(name, replace(clean, runs=runs), full=options.full)


if __name__ == "__main__":
    main()
