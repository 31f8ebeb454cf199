"""The condition, or pair of conditions, whose share of the rows changed most."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from stream_drift.detection.slices.coding import Column, Mask

Floats = NDArray[np.float64]
LEAST_MOVE = 0.02
"""A slice gained or lost at least this share of all rows."""
LEAST_LIFT = 1.3
LARGEST_SHARE = 0.8
"""What is nearly everything, before or after, is no slice."""
USUAL_LOG_LIFT = 0.3
"""Of two slices that explain alike, the rarer one is what arrived: lifts below this count less."""
CHANCE = 1e-3
"""The chance that anything is named where nothing changed, over all conditions tried."""
PAIR_FACTOR, PAIR_PRICE = 1.3, 10.0
"""So much clearer must a pair of conditions be than one."""
MOST_PAIRED = 16

Conditions = tuple[tuple[int, int], ...]
"""Place of the column and of the condition in it, one or two of them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Conditions, and how clearly their share changed."""

    conditions: Conditions
    merit: float


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows that are still to be explained, bool per row on both sides."""

    before: Mask
    after: Mask

    @property
    def sizes(self) -> tuple[int, int]:
        """How many they are."""
        return int(self.before.sum()), int(self.after.sum())

    def without(self, before: Mask, after: Mask) -> Rows:
        """These but those."""
        return Rows(self.before & ~before, self.after & ~after)


def likelihood_ratio(a: Floats, b: Floats, n_a: float, n_b: float) -> Floats:
    """G statistic of 2×2 tables: counts ``a`` of ``n_a`` against ``b`` of ``n_b``.

    Chi-squared with one degree of freedom where the shares are equal.

    Examples
    --------
    >>> likelihood_ratio(np.array([10.0, 20.0]), np.array([10.0, 5.0]), 100, 100).round(2).tolist()
    [0.0, 10.92]
    """
    both, n = a + b, n_a + n_b
    cells = xlogy(a, a) + xlogy(n_a - a, n_a - a) + xlogy(b, b) + xlogy(n_b - b, n_b - b)
    margins = xlogy(both, both) + xlogy(n - both, n - both)
    total = xlogy(n, n) - xlogy(n_a, n_a) - xlogy(n_b, n_b)
    return np.asarray(np.maximum(2 * (cells - margins + total), 0))


def merits(a: Floats, b: Floats, sizes: tuple[int, int]) -> Floats:
    """How clearly shares changed, −inf where that is chance or too little to name."""
    n_a, n_b = sizes
    p, q = a / max(n_a, 1), b / max(n_b, 1)
    log_lift = np.abs(np.log((b + 0.5) / (n_b + 1)) - np.log((a + 0.5) / (n_a + 1)))
    ratio = likelihood_ratio(a, b, n_a, n_b)
    enough = (np.abs(q - p) >= LEAST_MOVE) & (log_lift >= np.log(LEAST_LIFT))
    enough &= (np.maximum(p, q) <= LARGEST_SHARE) & (ratio >= 2 * np.log(a.size / CHANCE))
    return np.where(enough, ratio * log_lift / (log_lift + USUAL_LOG_LIFT), -np.inf)


def best(
    columns: Sequence[Column], rows: Rows, guilty: Collection[str], barred: Collection[str]
) -> Candidate | None:
    """The clearest slice with a condition on a guilty column.

    Parameters
    ----------
    barred
        Columns on which no condition may be put.
    """
    singles = _singles(columns, rows, barred)
    named = [
        found for place, found in singles if columns[place].name in guilty and found.merit > -np.inf
    ]
    single = max(named, key=lambda found: found.merit, default=None)
    least = -np.inf if single is None else PAIR_FACTOR * single.merit + PAIR_PRICE
    pair = _best_pair(columns, rows, guilty, [place for place, _ in singles[:MOST_PAIRED]])
    return pair if pair is not None and pair.merit > least else single


def _singles(
    columns: Sequence[Column], rows: Rows, barred: Collection[str]
) -> list[tuple[int, Candidate]]:
    """The clearest condition of every column, the clearest column first."""
    found = []
    for place, column in enumerate(columns):
        if column.name in barred:
            continue
        before, after = column.counts(rows.before, rows.after)
        holds = column.conditions.astype(float)
        scored = merits(holds @ before, holds @ after, rows.sizes)
        raw = likelihood_ratio(holds @ before, holds @ after, *rows.sizes)
        at = int(scored.argmax())
        found.append((float(raw.max()), place, Candidate(((place, at),), float(scored[at]))))
    found.sort(key=lambda entry: (-entry[0], entry[1]))
    return [(place, candidate) for _, place, candidate in found]


def _best_pair(
    columns: Sequence[Column], rows: Rows, guilty: Collection[str], places: Sequence[int]
) -> Candidate | None:
    found: Candidate | None = None
    for n, i in enumerate(places):
        for j in places[n + 1 :]:
            if columns[i].name not in guilty and columns[j].name not in guilty:
                continue
            merit, at = _pair(columns[i], columns[j], rows)
            if merit > -np.inf and (found is None or merit > found.merit):
                found = Candidate(((i, at[0]), (j, at[1])), merit)
    return found


def _pair(first: Column, second: Column, rows: Rows) -> tuple[float, tuple[int, int]]:
    """The clearest conditions on two columns together."""
    shape = first.n_codes, second.n_codes
    sides = []
    for codes, others, kept in (
        (first.before, second.before, rows.before),
        (first.after, second.after, rows.after),
    ):
        joint = np.bincount(codes[kept] * shape[1] + others[kept], minlength=shape[0] * shape[1])
        held = first.conditions @ joint.reshape(shape).astype(float) @ second.conditions.T
        sides.append(np.asarray(held, float))
    scored = merits(sides[0], sides[1], rows.sizes)
    at = np.unravel_index(int(scored.argmax()), scored.shape)
    return float(scored[at]), (int(at[0]), int(at[1]))
