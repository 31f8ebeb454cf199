"""Errors that become more: how soon they are found, what clean labels cost, and what is said."""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np

from benchmarks.labelled_streams import CAUSES, ERRORS, SCORED, Watched, errors, scored
from benchmarks.report import print_table
from stream_drift.detection.decision import Changed, Opened

PANE, EVIDENCE_LABELS, LEARNED_LABELS = 20, 1e6, 400_000
NORMAL_ERROR = 0.10
LIMITS = {0.13: 2_400, 0.15: 960, 0.20: 300}
KIND_PANE, KIND_PANES = 200, 40


def taught() -> Watched:
    """It has learned 10 % errors."""
    chance, n_panes = np.random.default_rng(0), LEARNED_LABELS // PANE
    watched = Watched.of(ERRORS, EVIDENCE_LABELS / PANE, n_panes)
    for _ in range(n_panes):
        watched.take(errors(chance, PANE, NORMAL_ERROR))
    return watched


def labels_to_alarm(start: Watched, rate: float, seed: int) -> int:
    """Labels from the change on, after 2,000 clean ones; at most 20,000."""
    watched, chance = start.again(), np.random.default_rng(seed)
    for _ in range(2_000 // PANE):
        watched.take(errors(chance, PANE, NORMAL_ERROR))
    for n in range(PANE, 20_000, PANE):
        if watched.take(errors(chance, PANE, rate)):
            return n
    return 20_000


def false_alarms(start: Watched, n_labels: int, seed: int) -> int:
    """Openings on clean labels; each starts the evidence anew."""
    watched, chance, found = start.again(), np.random.default_rng(seed), 0
    for _ in range(n_labels // PANE):
        decisions = watched.take(errors(chance, PANE, NORMAL_ERROR))
        if any(isinstance(decision, Opened) for decision in decisions):
            found += 1
            watched = start.again()
    return found


def kinds(cause: str, n_runs: int) -> Counter[str]:
    """What is said after 8,000 labels, of so many incidents."""
    found: Counter[str] = Counter()
    for seed in range(n_runs):
        chance, watched = np.random.default_rng(seed), Watched.of(SCORED, 10_000.0, 60)
        for _ in range(60):
            watched.take(scored(chance, KIND_PANE))
        said = "no incident"
        for _ in range(KIND_PANES):
            for decision in watched.take(scored(chance, KIND_PANE, **CAUSES[cause])):
                if isinstance(decision, Opened | Changed) and decision.diagnosis is not None:
                    said = decision.diagnosis.kind
        found[said] += 1
    return found


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--clean-labels", type=int, default=4_000_000)
    options = parser.parse_args()
    start, n_runs = taught(), options.runs
    rows = []
    for rate, limit in LIMITS.items():
        delays = [labels_to_alarm(start, rate, seed) for seed in range(n_runs)]
        rows.append((f"10 % → {100 * rate:g} %", f"{np.median(delays):,.0f}", f"≤ {limit:,}"))
    n_false = false_alarms(start, options.clean_labels, seed=1)
    rows.append((f"false alarms in {options.clean_labels:,} clean labels", str(n_false), "0"))
    print_table("0/1 errors", ("change", "median labels", "target"), rows)
    print()
    names = ["no incident", "data_drift", "concept_drift", "concept_and_data_drift", "performance"]
    table = []
    for cause in CAUSES:
        found = kinds(cause, 2 * n_runs)
        table.append((cause, *(str(found[name] or "") for name in names)))
    print_table(f"What is said, {2 * n_runs} runs each", ("cause", *names), table)


if __name__ == "__main__":
    main()
