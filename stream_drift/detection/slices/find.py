"""Segments of rows that arrived or left, the clearest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.slices.coding import (
    FINE,
    Column,
    Mask,
    category_column,
    number_column,
)
from stream_drift.detection.slices.rest import is_disturbed, is_explained
from stream_drift.detection.slices.search import Candidate, Rows, best, merits

MOST_SLICES = 3
MOST_TRIES = 8
LEAST_ROWS = 100
"""With fewer rows on either side nothing is named."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One feature has this value, lies in this range (both ends included), or is missing."""

    feature: str
    op: Literal["=", "in range", "missing"]
    value: str | tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class FoundSlice:
    """Rows that meet all conditions, and how many of the sampled ones do."""

    conditions: tuple[Condition, ...]
    hits_before: int
    hits_after: int
    n_before: int
    n_after: int


@dataclass(frozen=True, slots=True, eq=False)
class RowTable:
    """Sampled rows by column: numbers with NaN, categories with ``None`` where missing."""

    numbers: Mapping[str, NDArray[np.float64]]
    categories: Mapping[str, Sequence[str | None]]
    n_rows: int


def find_slices(
    before: RowTable, after: RowTable, guilty: Collection[str]
) -> tuple[FoundSlice, ...]:
    """Segments that arrived or left between two samples.

    Conditions are taken greedily: the clearest change of a share first (a G statistic beyond
    chance over all conditions tried), one feature before two where they explain alike. A slice
    stands only if its features are as before outside it (see `rest`); then its rows are taken out
    and the search goes on.

    Parameters
    ----------
    guilty
        Features of which at least one must be in a slice; no other change is looked into.
    """
    if min(before.n_rows, after.n_rows) < LEAST_ROWS or not guilty:
        return ()
    columns = [number_column(n, before.numbers[n], after.numbers[n]) for n in before.numbers]
    columns += [
        category_column(n, before.categories[n], after.categories[n]) for n in before.categories
    ]
    everything = Rows(np.ones(before.n_rows, bool), np.ones(after.n_rows, bool))
    rest, found, barred = everything, list[FoundSlice](), set[str]()
    for _ in range(MOST_TRIES):
        candidate = best(columns, rest, frozenset(guilty), barred)
        if candidate is None or len(found) == MOST_SLICES:
            break
        conditions, marks = _refined(columns, candidate, rest, (before, after))
        outside = rest.without(*marks)
        held = [columns[place] for place, _ in candidate.conditions]
        misled = _misled(columns, held, outside, rest, everything)
        if not misled:
            found.append(_slice(conditions, marks, (before, after)))
            rest = outside
        barred |= misled or {column.name for column in held if column.is_number}
    return tuple(found)


def _misled(
    columns: Sequence[Column], held: Sequence[Column], outside: Rows, rest: Rows, everything: Rows
) -> set[str]:
    """Columns on which a condition would mislead; empty where the slice stands."""
    changed = {c.name for c in held if not is_explained(c, outside, everything)}
    if changed:
        return changed
    others = [column for column in columns if column not in held]
    if any(is_disturbed(column, outside, rest) for column in others):
        return {column.name for column in held if column.is_number}
    return set()


def _refined(
    columns: Sequence[Column], candidate: Candidate, rest: Rows, tables: tuple[RowTable, RowTable]
) -> tuple[tuple[Condition, ...], tuple[Mask, Mask]]:
    """The conditions with the ends of ranges moved to where they explain most."""
    chosen = [(columns[place], condition) for place, condition in candidate.conditions]
    for i, (column, condition) in enumerate(chosen):
        if column.is_number and not column.conditions[condition][-1]:
            others = [held.holds(c) for k, (held, c) in enumerate(chosen) if k != i]
            chosen[i] = _moved_ends(column, condition, _inside(rest, others), rest, tables)
    marks = _inside(
        Rows(*(np.ones(len(m), bool) for m in (rest.before, rest.after))),
        [column.holds(condition) for column, condition in chosen],
    )
    conditions = tuple(_condition(column, condition) for column, condition in chosen)
    return conditions, (marks.before, marks.after)


def _inside(rows: Rows, conditions: Sequence[tuple[Mask, Mask]]) -> Rows:
    before, after = rows.before.copy(), rows.after.copy()
    for held in conditions:
        before &= held[0]
        after &= held[1]
    return Rows(before, after)


def _moved_ends(
    column: Column,
    condition: int,
    inside: Rows,
    rest: Rows,
    tables: tuple[RowTable, RowTable],
) -> tuple[Column, int]:
    before_values, after_values = (table.numbers[column.name] for table in tables)
    fine = number_column(column.name, before_values, after_values, FINE)
    before, after = fine.counts(inside.before, inside.after)
    holds = fine.conditions.astype(float)
    scored = merits(holds @ before, holds @ after, rest.sizes)
    scored[-1] = -np.inf  # missing is another condition
    at = int(scored.argmax())
    return (fine, at) if scored[at] > -np.inf else (column, condition)


def _condition(column: Column, condition: int) -> Condition:
    codes = np.flatnonzero(column.conditions[condition])
    if codes[-1] == column.n_codes - 1:
        return Condition(column.name, "missing", None)
    if not column.is_number:
        return Condition(column.name, "=", column.texts[codes[0]])
    ends = float(column.lows[codes].min()), float(column.highs[codes].max())
    return Condition(column.name, "in range", ends)


def _slice(
    conditions: tuple[Condition, ...], marks: tuple[Mask, Mask], tables: tuple[RowTable, RowTable]
) -> FoundSlice:
    hits = [int(mark.sum()) for mark in marks]
    return FoundSlice(conditions, hits[0], hits[1], tables[0].n_rows, tables[1].n_rows)
