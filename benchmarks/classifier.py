"""The domain classifier against planted shifts: how often its interval covers the truth."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from benchmarks.joint_streams import HOUR_MS, JointKind, JointStream
from stream_drift.detection.domain import MOST_ROWS, TRAIN, DomainClassifier
from stream_drift.profiles.rows import PaneRows, Row
from stream_drift.reference.rows import chosen_rows

Table = NDArray[np.float64]
SHIFTS = (0.0, 0.1, 0.25, 0.5)


@dataclass(frozen=True, slots=True)
class Case:
    """A shift of the first feature, in sd, and how much there is to learn it from.

    Attributes
    ----------
    n_rows
        Live rows to train on, as many to test with; the reference has them too.
    """

    n_features: int
    n_rows: int
    shift: float

    def __str__(self) -> str:
        """As it stands in the table."""
        return f"{self.n_features} features, {self.n_rows:,} rows, {self.shift} sd"


@dataclass(frozen=True, slots=True)
class Run:
    """One interval, and the area of the best linear rule trained on as many rows."""

    low: float
    high: float
    truth: float
    first_contribution: float

    @property
    def covers(self) -> bool:
        """Whether the truth lies inside."""
        return self.low <= self.truth <= self.high


def runs(case: Case, n_runs: int, seed: int = 0) -> Iterator[Run]:
    """Fresh live rows in every run, and a fresh reference in every tenth."""
    for i in range(n_runs):
        if i % 10 == 0:
            stream = JointStream(JointKind(n_features=case.n_features), seed + i)
        training, testing = (_live(stream, case) for _ in range(2))
        classifier = DomainClassifier(stream.reference, [])
        classifier.learn(0, _rows(stream, training))
        classifier.close_pane(0, HOUR_MS, _rows(stream, testing))
        area = classifier.pane_lines()[1]
        share = classifier.pane_lines()[2].value
        assert area.low is not None
        assert area.high is not None
        yield Run(area.low, area.high, _truth(stream, training, case), share or 0.0)


def _live(stream: JointStream, case: Case) -> Table:
    rows = stream.rows(case.n_rows, stream.kind.correlation)
    rows[:, 0] += case.shift
    return rows


def _rows(stream: JointStream, table: Table) -> PaneRows:
    rows = [Row(i, b"", i, tuple(values)) for i, values in enumerate(table.tolist())]
    return PaneRows(stream.reference.layout.names, 1.0, tuple(rows))


def _truth(stream: JointStream, training: Table, case: Case) -> float:
    """The area of Fisher's rule of the same training rows, on all rows that there could be."""
    if not case.shift:
        return 0.5
    places = chosen_rows(len(stream.reference_rows))[TRAIN::2][:MOST_ROWS]
    reference = stream.reference_rows[places]
    pooled = (np.cov(training.T) + np.cov(reference.T)) / 2
    slopes = np.linalg.solve(pooled, training.mean(axis=0) - reference.mean(axis=0))
    law = np.eye(case.n_features)
    law[0, 1] = law[1, 0] = stream.kind.correlation
    return float(ndtr(slopes[0] * case.shift / np.sqrt(2 * slopes @ law @ slopes)))


def main() -> None:
    """Print a line per case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    n_runs = parser.parse_args().runs
    print("| shift | mean area of the best rule | intervals that cover it | share of its feature |")
    print("|---|---|---|---|")
    for n_features in (20, 50):
        for n_rows in (2_000, 5_000):
            for shift in SHIFTS:
                case = Case(n_features, n_rows, shift)
                found = list(runs(case, n_runs))
                covered = np.mean([run.covers for run in found])
                truth = np.mean([run.truth for run in found])
                share = np.median([run.first_contribution for run in found])
                print(f"| {case} | {truth:.3f} | {covered:.1%} | {share:.0%} |", flush=True)


if __name__ == "__main__":
    main()
