"""Drifts injected into a real set, after Cerqueira et al. (KDD 2026): Electricity.

The rows are shuffled, so that nothing but the injected drift changes; a drift begins somewhere
between 50 % and 80 % and is abrupt or spreads over 2 500 rows. An alarm within 2 500 rows of it
finds it, an alarm before it is false. One setting for all, none of it tuned: the first 40 %
of the rows are the reference, ``learning: none``, panes of 50 rows, one false incident per 30 days.
A frozen model, fitted to the reference, scores every row, and each row carries its label: from the
first 3 000 of them the policy of performance learns how often the model is wrong.

Run as ``python -m benchmarks.electricity [--runs N]``; needs ``../shared/data/electricity``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.report import print_table
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.decision import Decision, Opened
from stream_drift.detection.logistic import fit_logistic
from stream_drift.detection.performance_budget import SHARE, PerformanceBudget, PerformancePolicy
from stream_drift.detection.settings import BudgetSettings
from stream_drift.events.columns import Columns
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.profiles.count import Counter
from stream_drift.profiles.label_count import LabelledCells, Told, labelled_cells
from stream_drift.profiles.labelled import LabelledLayout
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import Reference, build_reference

FILE = Path(__file__).parents[2] / "shared" / "data" / "electricity" / "electricity.csv.gz"
NUMBERS = ("period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer")
CATEGORIES = ("day", "class")
MAPPING = EventMapping(
    tuple(Field(name, (name,)) for name in NUMBERS),
    tuple(Field(name, (name,)) for name in CATEGORIES),
)
LABELLED = LabelledLayout("binary", ("(other)", "1"), scored=True, has_value=False)
PANE_ROWS, PANE_MS = 50, 300_000
LABELS_LEARNED_MS = 60 * PANE_MS
MAX_DELAY = 2_500
REFERENCE_SHARE = 0.4
BEGINS = (0.5, 0.8)
START_MS = 1_767_571_200_000

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class Rows:
    """A set as arrays: numbers, and codes of day and class."""

    numbers: Floats
    days: Ints
    classes: Ints

    def at(self, places: Ints) -> Rows:
        """These rows in this order."""
        return Rows(self.numbers[places], self.days[places], self.classes[places])

    def __len__(self) -> int:
        return len(self.days)


def read() -> Rows:
    """The whole set."""
    with gzip.open(FILE, "rt", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return Rows(
        np.array([[float(row[name]) for name in NUMBERS] for row in rows]),
        np.array([int(row["day"]) for row in rows]),
        np.array([int(row["class"] == "UP") for row in rows]),
    )


Change = Callable[[Rows, Chance], Callable[[Rows], tuple[Rows, NDArray[np.bool_]]]]
"""Draws a drift; it gives the changed rows and which of them stay in the stream."""


def permute(_: Rows, chance: Chance) -> Callable[[Rows], tuple[Rows, NDArray[np.bool_]]]:
    """The number features change places."""
    order = chance.permutation(len(NUMBERS))
    while (order == np.arange(len(NUMBERS))).any():
        order = chance.permutation(len(NUMBERS))
    return lambda rows: (
        Rows(rows.numbers[:, order], rows.days, rows.classes),
        np.ones(len(rows), bool),
    )


def exceed(rows: Rows, chance: Chance) -> Callable[[Rows], tuple[Rows, NDArray[np.bool_]]]:
    """Rows above the median of one feature disappear."""
    j = int(chance.integers(len(NUMBERS)))
    median = float(np.median(rows.numbers[:, j]))
    return lambda late: (late, late.numbers[:, j] <= median)


def prior(_: Rows, chance: Chance) -> Callable[[Rows], tuple[Rows, NDArray[np.bool_]]]:
    """Three of four rows of one class disappear."""
    lost = int(chance.integers(2))

    def change(late: Rows) -> tuple[Rows, NDArray[np.bool_]]:
        return late, (late.classes != lost) | (chance.random(len(late)) < 0.25)

    return change


def swap(_: Rows, chance: Chance) -> Callable[[Rows], tuple[Rows, NDArray[np.bool_]]]:
    """The two labels change places."""
    del chance
    return lambda late: (Rows(late.numbers, late.days, 1 - late.classes), np.ones(len(late), bool))


CHANGES: dict[str, Change] = {"permute": permute, "exceed": exceed, "prior": prior, "swap": swap}


def stream(rows: Rows, change: Change, chance: Chance, *, gradual: bool) -> tuple[Rows, int]:
    """The set with a drift, and the row at which it begins."""
    begin = int(len(rows) * chance.uniform(*BEGINS))
    changed, stays = change(rows, chance)(rows)
    row = np.arange(len(rows))
    share = np.clip((row - begin) / MAX_DELAY, 0, 1) if gradual else (row >= begin) * 1.0
    drifted = chance.random(len(rows)) < share
    kept = ~drifted | stays
    mixed = Rows(
        np.where(drifted[:, None], changed.numbers, rows.numbers)[kept],
        rows.days[kept],
        np.where(drifted, changed.classes, rows.classes)[kept],
    )
    return mixed, begin


def columns(rows: Rows) -> Columns:
    """The rows as decoded events."""
    n = len(rows)
    texts = ([str(day) for day in rows.days], ["UP" if c else "DOWN" for c in rows.classes])
    times = np.full(n, START_MS)
    return Columns(np.arange(n), times, times, rows.numbers, texts, None, ())


@dataclass(frozen=True, slots=True)
class Model:
    """A linear rule for the chance of UP, from standardised numbers."""

    mean: Floats
    sd: Floats
    constant: float
    slopes: Floats

    @classmethod
    def fit(cls, rows: Rows) -> Model:
        """The rule that tells UP from DOWN in these rows."""
        mean, sd = rows.numbers.mean(axis=0), rows.numbers.std(axis=0)
        inputs, up = (rows.numbers - mean) / sd, rows.classes == 1
        return cls(mean, sd, *fit_logistic(inputs[up], inputs[~up]))

    def judged(self, rows: Rows) -> LabelledCells:
        """The score of every row beside its label."""
        score = expit(self.constant + (rows.numbers - self.mean) / self.sd @ self.slopes)
        no_prediction, inside = np.full(len(rows), np.nan), np.zeros(len(rows), np.bool_)
        told = Told(no_prediction, score, rows.classes.astype(float), inside)
        return labelled_cells(LABELLED, told)


def policies(reference: Reference) -> tuple[BudgetPolicy, PerformancePolicy]:
    """The two that share the budget."""
    whole = BudgetSettings(learning_ms=None)
    labels = PerformanceBudget(
        whole.false_incidents_per_30d, whole.threshold(PANE_MS) / SHARE, LABELS_LEARNED_MS
    )
    rest = replace(whole, performance_share=SHARE)
    return BudgetPolicy(rest, reference.profile), PerformancePolicy(labels, LABELLED)


def alarms(rows: Rows, reference: Reference, model: Model, first: int) -> list[int]:
    """Rows at the end of panes that opened an incident, from row ``first`` on."""
    counter = Counter(reference.layout, (*NUMBERS, *CATEGORIES), counts_events=True)
    policy, performance = policies(reference)
    coded, judged = counter.code(columns(rows)), model.judged(rows)
    found = []
    for i, begin in enumerate(range(first, len(rows) - PANE_ROWS + 1, PANE_ROWS)):
        profile, pane = Profile.empty(reference.layout), slice(begin, begin + PANE_ROWS)
        counter.add(profile, coded, pane, PANE_ROWS)
        start_ms = START_MS + i * PANE_MS
        decisions: tuple[Decision, ...] = (
            *policy.close_pane(start_ms, profile),
            *performance.close_pane(start_ms, start_ms + PANE_MS, judged.count(LABELLED, pane)),
        )
        if any(isinstance(decision, Opened) for decision in decisions):
            found.append(begin + PANE_ROWS)
    return found


@dataclass(slots=True)
class Tally:
    """What alarms were worth over the runs of one drift."""

    hits: int = 0
    false: int = 0
    missed: int = 0
    delays: list[int] | None = None

    def add(self, found: list[int], begin: int) -> None:
        """One run: the first alarm within the delay is the hit, others there repeat it."""
        inside = [at - begin for at in found if begin <= at <= begin + MAX_DELAY]
        self.hits += bool(inside)
        self.missed += not inside
        self.false += sum(at < begin for at in found)
        if inside:
            self.delays = [*(self.delays or []), inside[0]]

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.hits / (2 * self.hits + self.false + self.missed)


def run(rows: Rows, change: Change, seed: int, *, gradual: bool) -> tuple[list[int], int, int]:
    """Alarms, where the drift begins, and where the stream begins."""
    chance = np.random.default_rng(seed)
    shuffled = rows.at(chance.permutation(len(rows)))
    first = int(len(rows) * REFERENCE_SHARE)
    accepted = shuffled.at(np.arange(first))
    reference = build_reference(
        MAPPING,
        [columns(accepted)],
        pane_ms=PANE_MS,
        created_at="2026-01-01T00:00:00Z",
    )
    mixed, begin = stream(shuffled, change, chance, gradual=gradual)
    return alarms(mixed, reference, Model.fit(accepted), first), begin, first


def row(rows: Rows, name: str, n_runs: int, *, gradual: bool) -> tuple[str, ...]:
    """One line of the table."""
    ours, always = Tally(), Tally()
    for seed in range(n_runs):
        found, begin, first = run(rows, CHANGES[name], seed, gradual=gradual)
        ours.add(found, begin)
        always.add(list(range(first + PANE_ROWS, len(rows), PANE_ROWS)), begin)
    delay = f"{np.mean(ours.delays):.0f}" if ours.delays else "-"
    kind = f"{name}, {'gradual' if gradual else 'abrupt'}"
    return kind, f"{ours.f1:.2f}", str(ours.false), str(ours.missed), delay, f"{always.f1:.3f}"


def main(n_runs: int = 10) -> None:
    """Print one row per drift."""
    if not FILE.exists():
        print(f"no {FILE.name}: nothing measured", file=sys.stderr)
        return
    rows = read()
    head = ("drift", "F1", "false alarms", "missed", "mean delay (rows)", "always-fire F1")
    found = [row(rows, name, n_runs, gradual=late) for name in CHANGES for late in (False, True)]
    print_table(f"Electricity, {n_runs} runs each, fixed seeds", head, found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="runs per drift; 50 for the record")
    main(parser.parse_args().runs)
