"""Scoring 50 features: how long, and whether the reference's number of rows matters.

Milliseconds, and the ratio of a reference from a million rows to one from ten thousand.
"""

from __future__ import annotations

import statistics
import time

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import at_most, print_lines
from stream_drift.events.columns import Columns
from stream_drift.profiles.count import Counter
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import Profile
from stream_drift.reference.categories import category_layout
from stream_drift.reference.edges import number_layout
from stream_drift.scoring.table import Scorer

N_NUMBERS, N_CATEGORIES = 40, 10
REFERENCE_ROWS = (10_000, 1_000_000)
LIVE_ROWS = 20_000
CHUNK = 20_000
ROUNDS = 30
LIMIT_MS = 10.0

Floats = NDArray[np.float64]


def numbers(rng: np.random.Generator, n: int) -> Floats:
    """Normal, skewed, zero-inflated and whole numbers in turn, shape (n, N_NUMBERS)."""
    table = rng.normal(size=(n, N_NUMBERS))
    table[:, 1::4] = np.exp(table[:, 1::4])
    table[:, 2::4] = np.maximum(table[:, 2::4], 0)
    table[:, 3::4] = np.rint(3 * table[:, 3::4])
    return table


def categories(rng: np.random.Generator, n: int) -> list[list[str]]:
    """From 2 to 200 categories, the frequent ones first."""
    found = []
    for i in range(N_CATEGORIES):
        n_categories = round(2 * 100 ** (i / (N_CATEGORIES - 1)))
        codes = (n_categories * rng.random(n) ** 2).astype(int)
        found.append([f"c{code}" for code in codes.tolist()])
    return found


def counted(layout: Layout, table: Floats, texts: list[list[str]]) -> Profile:
    """The profile of all rows."""
    counter = Counter(layout, layout.names, counts_events=True)
    profile = Profile.empty(layout)
    for start in range(0, len(table), CHUNK):
        rows = slice(start, start + CHUNK)
        places = np.arange(len(table[rows]), dtype=np.int64)
        chunk = tuple(column[rows] for column in texts)
        batch = Columns(places, places, places, table[rows], chunk, None, ())
        counter.add(profile, counter.code(batch), slice(None), len(batch))
    return profile


def windows(n_reference: int) -> tuple[Profile, list[Profile]]:
    """A reference, and three windows of the same layout: clean, moved a little, moved a lot."""
    rng = np.random.default_rng(0)
    table, texts = numbers(rng, n_reference), categories(rng, n_reference)
    layout = Layout(
        tuple(number_layout(f"x{i}", table[:, i]) for i in range(N_NUMBERS)),
        tuple(
            category_layout(f"k{i}", dict(zip(*np.unique(column, return_counts=True), strict=True)))
            for i, column in enumerate(texts)
        ),
        300_000,
    )
    lives = [
        counted(layout, numbers(rng, LIVE_ROWS) + shift, categories(rng, LIVE_ROWS))
        for shift in (0.0, 0.2, 1.0)
    ]
    return counted(layout, table, texts), lives


def median_ms(scorer: Scorer, lives: list[Profile]) -> float:
    """Median CPU time of one comparison."""
    taken = []
    for i in range(ROUNDS * len(lives)):
        start = time.process_time()
        lines = scorer.score(lives[i % len(lives)])
        taken.append(1e3 * (time.process_time() - start))
        assert len(lines) == N_NUMBERS * 14 + N_CATEGORIES * 9 + 1
    return statistics.median(taken)


def main() -> None:
    """Measure both references in turn and print."""
    compared = [(Scorer(reference), lives) for reference, lives in map(windows, REFERENCE_ROWS)]
    rounds = [[median_ms(*pair) for pair in compared] for _ in range(4)]
    lines = [
        at_most(f"reference from {n_rows:,} rows", statistics.median(times), LIMIT_MS, " ms")
        for n_rows, times in zip(REFERENCE_ROWS, zip(*rounds, strict=True), strict=True)
    ]
    ratio = statistics.median(large / small for small, large in rounds)
    lines.append(at_most("a million rows ÷ ten thousand", ratio, 1.1))
    print_lines("scoring: CPU to score one window of 50 features, medians", lines)


if __name__ == "__main__":
    main()
