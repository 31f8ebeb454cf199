"""Drifts injected into a real set, after Cerqueira et al. (KDD 2026): Electricity.

The rows are shuffled, so that nothing but the injected drift changes; a drift begins somewhere
between 50 % and 80 % and is abrupt or spreads over 2 500 rows. An alarm within 2 500 rows of it
finds it, an alarm before it is false. One setting for all, none of it tuned: the first 40 %
of the rows are the reference, ``learning: none``, panes of 50 rows, one false incident per 30 days.

Run as ``python -m benchmarks.electricity [--runs N]``; needs ``../shared/data/electricity``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.decision import Opened
from stream_drift.detection.settings import BudgetSettings
from stream_drift.events.columns import Columns
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.profiles.count import Counter
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import Reference, build_reference

FILE = Path(__file__).parents[2] / "shared" / "data" / "electricity" / "electricity.csv.gz"
NUMBERS = ("period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer")
CATEGORIES = ("day", "class")
MAPPING = EventMapping(
    tuple(Field(name, (name,)) for name in NUMBERS),
    tuple(Field(name, (name,)) for name in CATEGORIES),
)
PANE_ROWS, PANE_MS = 50, 300_000
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


def alarms(rows: Rows, reference: Reference, first: int) -> list[int]:
    """Rows at the end of panes that opened an incident, from row ``first`` on."""
    counter = Counter(reference.layout, (*NUMBERS, *CATEGORIES), counts_events=True)
    policy = BudgetPolicy(BudgetSettings(learning_ms=None), reference.profile)
    coded = counter.code(columns(rows))
    found = []
    for i, begin in enumerate(range(first, len(rows) - PANE_ROWS + 1, PANE_ROWS)):
        profile = Profile.empty(reference.layout)
        counter.add(profile, coded, slice(begin, begin + PANE_ROWS), PANE_ROWS)
        decisions = policy.close_pane(START_MS + i * PANE_MS, profile)
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
    reference = build_reference(
        MAPPING,
        [columns(shuffled.at(np.arange(first)))],
        pane_ms=PANE_MS,
        created_at="2026-01-01T00:00:00Z",
    )
    mixed, begin = stream(shuffled, change, chance, gradual=gradual)
    return alarms(mixed, reference, first), begin, first


def main(n_runs: int = 5) -> None:
    """Print one row per drift."""
    if not FILE.exists():
        Console().print(f"Electricity is not at {FILE}: nothing measured")
        return
    rows = read()
    table = Table("drift", "F1", "false alarms", "missed", "mean delay (rows)", "always-fire F1")
    for name, change in CHANGES.items():
        for gradual in (False, True):
            ours, always = Tally(), Tally()
            for seed in range(n_runs):
                found, begin, first = run(rows, change, seed, gradual=gradual)
                ours.add(found, begin)
                always.add(list(range(first + PANE_ROWS, len(rows), PANE_ROWS)), begin)
            delay = f"{np.mean(ours.delays):.0f}" if ours.delays else "-"
            kind = f"{name}, {'gradual' if gradual else 'abrupt'}"
            counts = (str(ours.false), str(ours.missed))
            table.add_row(kind, f"{ours.f1:.2f}", *counts, delay, f"{always.f1:.3f}")
    Console().print(f"Electricity, {n_runs} runs each, fixed seeds")
    Console().print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs per drift; 50 for the record")
    main(parser.parse_args().runs)
