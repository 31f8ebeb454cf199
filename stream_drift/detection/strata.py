"""Is it the data or the concept: errors by strata of the score, before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.labelled import LabelledLayout

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
N_STRATA = 20
LEAST_PART, LEAST_RELATIVE = 0.01, 0.1
_Z = 1.96


@dataclass(slots=True, eq=False)
class Strata:
    """Twentieths of the baseline by score, with what was counted there.

    Attributes
    ----------
    of_bin
        The stratum of every stratum of the layout, shape (n,).
    table
        Of the baseline; see `Strata.tabled`.
    """

    of_bin: Ints
    table: Ints

    def tabled(self, labelled: Ints, outside: Ints) -> Ints:
        """Labels and errors by stratum, of all and of those outside: shape (4, strata)."""
        rows = [_labels(labelled), _errors(labelled), _labels(outside), _errors(outside)]
        weights = [np.bincount(self.of_bin, row, len(self.table[0])) for row in rows]
        return np.rint(weights).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Part:
    """What one cause adds to the error rate, with a 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Parts:
    """A change of the error rate from ``before`` to ``after``, taken apart."""

    before: float
    after: float
    data: Part
    concept: Part

    @property
    def least(self) -> float:
        """The smallest part that is named."""
        return max(LEAST_PART, LEAST_RELATIVE * self.before)


def strata_of(layout: LabelledLayout, labelled: Ints, outside: Ints) -> Strata | None:
    """Strata from the baseline's counts; ``None`` for numbers.

    Without a score, and with many classes, the predicted class is the stratum.
    """
    if layout.task == "regression":
        return None
    by_bin = _labels(labelled)
    if layout.scored:
        before = by_bin.cumsum() - by_bin / 2
        of_bin = (N_STRATA * before / max(by_bin.sum(), 1)).astype(np.int64)
    else:
        of_bin = np.arange(len(by_bin))
    n = int(of_bin.max()) + 1
    empty = Strata(of_bin, np.zeros((4, n), np.int64))
    return Strata(of_bin, empty.tabled(labelled, outside))


def _labels(table: Ints) -> Ints:
    """Labels by stratum of the layout; where it has one only, by predicted class."""
    return np.asarray(table.sum(axis=(1, 2)) if len(table) > 1 else table[0].sum(axis=0))


def _errors(table: Ints) -> Ints:
    return _labels(table * (1 - np.eye(table.shape[1], dtype=np.int64)))


def parts_of(baseline: Ints, live: Ints, dispersion: float) -> Parts:
    """The parts of a change: where events lie now, and what happens at the same place.

    The data part is the error that the baseline's rates foretell for the new mix of strata, and
    what is worse for events that the reference does not cover; the concept part is what is worse
    for the others at the same score.

    Parameters
    ----------
    baseline, live
        Tables of `Strata.tabled`.
    dispersion
        How much more than independent events the rates vary.
    """
    n0, e0, _, _ = baseline.astype(float)
    n1, e1, n_out, e_out = live.astype(float)
    total0, total1 = max(n0.sum(), 1.0), max(n1.sum(), 1.0)
    overall = e0.sum() / total0
    rate = (e0 + overall) / (n0 + 1)
    spread = rate * (1 - rate) / (n0 + 1)
    share0, share1 = n0 / total0, n1 / total1
    n_in = n1 - n_out
    concept = (e1.sum() - e_out.sum() - n_in @ rate) / total1
    moved = (share1 - share0) @ rate
    foreign = (e_out.sum() - n_out @ rate) / total1
    concept_variance = _binomial(e1 - e_out, n_in, total1) + (n_in / total1) ** 2 @ spread
    data_variance = (
        _mix(share1, rate) / total1
        + _mix(share0, rate) / total0
        + (share1 - share0 + n_out / total1) ** 2 @ spread
        + _binomial(e_out, n_out, total1)
    )
    return Parts(
        float(overall),
        float(e1.sum() / total1),
        _part(moved + foreign, data_variance * dispersion),
        _part(concept, concept_variance * dispersion),
    )


def _binomial(errors: Array, n: Array, total: float) -> float:
    rate = errors / np.maximum(n, 1)
    return float((n * rate * (1 - rate)).sum()) / total**2


def _mix(share: Array, rate: Array) -> float:
    return float(share @ (rate - share @ rate) ** 2)


def _part(value: float, variance: float) -> Part:
    half = _Z * float(np.sqrt(variance))
    return Part(float(value), float(value) - half, float(value) + half)
