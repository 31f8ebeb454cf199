"""Columns of sampled rows as small integer codes, and the conditions that may be put on them."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

COARSE, FINE = 16, 128
"""Bins of a number while ranges are searched, and while the ends of a found one are moved."""
MOST_VALUES = 30
"""Values of a category that may be a condition: those whose share moved most."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One feature of the rows before and after, as codes.

    Attributes
    ----------
    before, after
        Code per row; the last code is *missing*.
    n_codes
        Codes of the feature, missing included.
    lows, highs
        Least and greatest number of each code; empty for categories.
    texts
        The category of each code; empty for numbers. The code before *missing* is all others.
    conditions
        The codes that each condition holds for, bool, shape (n_conditions, n_codes).
    """

    name: str
    before: Codes
    after: Codes
    n_codes: int
    lows: Floats
    highs: Floats
    texts: tuple[str, ...]
    conditions: Mask

    @property
    def is_number(self) -> bool:
        """Whether conditions are ranges."""
        return not self.texts

    def counts(self, before: Mask, after: Mask) -> tuple[Codes, Codes]:
        """Rows of each code among those marked, on both sides."""
        return (
            np.bincount(self.before[before], minlength=self.n_codes),
            np.bincount(self.after[after], minlength=self.n_codes),
        )

    def holds(self, condition: int) -> tuple[Mask, Mask]:
        """The rows that a condition holds for, on both sides."""
        codes = self.conditions[condition]
        return codes[self.before], codes[self.after]


def number_column(name: str, before: Floats, after: Floats, n_bins: int = COARSE) -> Column:
    """Bins at quantiles of either side; a condition is a stretch of bins, or *missing*.

    Parameters
    ----------
    before, after
        Values, NaN where missing, shape (n_before,) and (n_after,).
    """
    grid = np.arange(1, n_bins // 2) / (n_bins // 2)
    sides = [side[~np.isnan(side)] for side in (before, after)]
    known = [np.quantile(side, grid, method="nearest") for side in sides if len(side)]
    cuts = np.unique(np.concatenate(known)) if known else np.zeros(0)
    n = len(cuts) + 1
    codes = [
        np.where(np.isnan(side), n, np.searchsorted(cuts, side, side="right"))
        for side in (before, after)
    ]
    lows, highs = np.full(n + 1, np.inf), np.full(n + 1, -np.inf)
    for side, values in zip(codes, (before, after), strict=True):
        np.fmin.at(lows, side, values)
        np.fmax.at(highs, side, values)
    return Column(name, codes[0], codes[1], n + 1, lows, highs, (), _stretches(n))


def _stretches(n: int) -> Mask:
    """All stretches of n bins but the whole, and *missing* alone."""
    first, last = np.triu_indices(n)
    kept = (first > 0) | (last < n - 1)
    place = np.arange(n + 1)
    inside = (first[kept, None] <= place) & (place <= last[kept, None])
    return np.concatenate([inside, (place == n)[None]])


def category_column(name: str, before: Sequence[str | None], after: Sequence[str | None]) -> Column:
    """A code for each value whose share moved most; a condition is one value, or *missing*."""
    shares = [_shares(side) for side in (before, after)]
    names = sorted(
        {*shares[0], *shares[1]},
        key=lambda text: (-abs(shares[1].get(text, 0.0) - shares[0].get(text, 0.0)), text),
    )[:MOST_VALUES]
    code = {text: i for i, text in enumerate(names)}
    others, missing = len(names), len(names) + 1
    codes = [
        np.array([missing if v is None else code.get(v, others) for v in side], np.int64)
        for side in (before, after)
    ]
    conditions = np.delete(np.eye(missing + 1, dtype=bool), others, axis=0)
    none = np.zeros(0)
    texts = (*names, "", "")
    return Column(name, codes[0], codes[1], missing + 1, none, none, texts, conditions)


def _shares(side: Sequence[str | None]) -> dict[str, float]:
    found = Tally(value for value in side if value is not None)
    return {text: count / len(side) for text, count in found.items()}
