"""Segments of rows that arrived or left, as alerts hold them and as people read them."""

from __future__ import annotations

from stream_drift.detection.slices.find import FoundSlice
from stream_drift.incidents.alert import Slice, SliceCondition
from stream_drift.incidents.figures import number, pair, percent

MOST_LIFT = 100.0
"""A larger lift is said by the shares alone."""


def slice_of(found: FoundSlice) -> Slice:
    """What an alert holds of a segment."""
    before, after = found.hits_before / found.n_before, found.hits_after / found.n_after
    return Slice(
        tuple(SliceCondition(c.feature, c.op, c.value) for c in found.conditions),
        before,
        after,
        after / before if before else None,
        found.n_before,
        found.n_after,
    )


def slice_in_words(shown: Slice) -> str:
    """A segment in one line.

    Examples
    --------
    >>> young = SliceCondition("age", "in range", (18.0, 25.0))
    >>> student = SliceCondition("customer_type", "=", "Student")
    >>> slice_in_words(Slice((student, young), 0.04, 0.31, 7.75, 2_000, 500))
    'customer_type = Student and age 18 to 25: 4 % → 31 % of rows (7.75 times as many)'
    """
    conditions = " and ".join(map(_condition, shown.conditions))
    said = f"{conditions}: {pair(shown.share_before, shown.share_after, percent)} of rows"
    if shown.lift is None or not 1 < shown.lift < MOST_LIFT:
        return said
    return f"{said} ({number(shown.lift)} times as many)"


def _condition(condition: SliceCondition) -> str:
    if isinstance(condition.value, tuple):
        low, high = condition.value
        shown = f"{number(low)} to {number(high)}" if low < high else f"= {number(low)}"
        return f"{condition.feature} {shown}"
    if condition.value is None:
        return f"{condition.feature} missing"
    return f"{condition.feature} = {condition.value}"
