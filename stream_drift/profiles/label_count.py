"""Predictions, scores and labels to the cells of a `LabelledLayout`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.category import category_text
from stream_drift.events.columns import INVALID_CATEGORY
from stream_drift.profiles.labelled import (
    ERROR_EDGES,
    ERROR_GRID,
    ERROR_WINSOR,
    SCORE_BINS,
    SCORE_GRID,
    SQUARE_LOW_BITS,
    LabelledLayout,
)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Values = Sequence[object] | Floats
LOSS_CLIP = 1e-6
"""Scores nearer to 0 or 1 than this count as this near in the log loss."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of every event of a batch, each of shape (n,).

    Attributes
    ----------
    prediction, label
        float64, NaN where there is none: the index of the class, or the number itself.
    score
        float64, not finite where there is none.
    outside
        Whether the reference does not cover the event's features.
    """

    prediction: Floats
    score: Floats
    label: Floats
    outside: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LabelledCells:
    """Per event three cells (one beyond the last: none), shape (3, n), and what its sums gain."""

    cells: Ints
    sums: Ints

    def count(self, layout: LabelledLayout, rows: slice | Ints) -> Ints:
        """The counts of some events."""
        counts = np.bincount(self.cells[:, rows].ravel(), minlength=layout.size + 1)[:-1]
        counts[layout.slices["sums"]] += self.sums[:, rows].sum(axis=1)
        return counts


def labelled_cells(layout: LabelledLayout, told: Told) -> LabelledCells:
    """Where a batch counts; an event without a usable prediction (and score) counts nowhere."""
    if layout.task == "regression":
        return _error_cells(layout, told)
    return _class_cells(layout, told)


def as_numbers(layout: LabelledLayout, values: Values) -> Floats:
    """Predictions or labels as `Told` takes them.

    Parameters
    ----------
    values
        Classes: raw values as in `stream_drift.events.columns.Columns`; else float64.
    """
    if layout.task == "regression":
        numbers = np.array(values, np.float64)
        numbers[~np.isfinite(numbers)] = np.nan
        return numbers
    return np.fromiter(map(_ClassIndex(layout), values), np.float64, len(values))


class _ClassIndex:
    """The index of a raw value's class; NaN where it is unusable."""

    def __init__(self, layout: LabelledLayout) -> None:
        last = len(layout.classes) - 1
        if layout.task == "binary":
            self._known, self._other = {layout.classes[1]: 1}, 0
        else:
            self._known = {name: i for i, name in enumerate(layout.classes[:last])}
            self._other = last
        # The type is part of the key, because True == 1 == 1.0.
        self._found: dict[tuple[type, object], float] = {(type(None), None): np.nan}

    def __call__(self, value: object) -> float:
        key = (type(value), value)
        index = self._found.get(key)
        if index is None:
            absent = value is INVALID_CATEGORY
            index = np.nan if absent else self._known.get(category_text(value), self._other)
            self._found[key] = index
        return index


def predicted_classes(layout: LabelledLayout, told: Told) -> Floats:
    """The predicted class; where only scores are known, the more likely one."""
    if layout.has_value:
        return told.prediction
    return np.where(np.isfinite(told.score), told.score >= 0.5, np.nan)  # noqa: PLR2004 - of two


def _class_cells(layout: LabelledLayout, told: Told) -> LabelledCells:
    n, k = len(told.outside), len(layout.classes)
    finite = np.isfinite(told.score)
    predicted = predicted_classes(layout, told)
    usable = np.isfinite(predicted) & (finite | (not layout.scored))
    labelled = usable & np.isfinite(told.label)
    score = np.where(finite, np.clip(told.score, 0.0, 1.0), 0.0)
    strata = np.minimum((score * SCORE_BINS).astype(np.int64), SCORE_BINS - 1) * layout.scored
    guess = np.where(usable, predicted, 0).astype(np.int64)
    actual = np.where(labelled, told.label, 0).astype(np.int64)
    pair, none = (strata * k + actual) * k + guess, layout.size
    first = layout.slices["labelled"].start, layout.slices["outside"].start
    cells = np.stack(
        [
            np.where(usable, strata * k + guess, none),
            np.where(labelled, pair + first[0], none),
            np.where(labelled & told.outside, pair + first[1], none),
        ]
    )
    sums = _score_sums(score, actual, labelled) if layout.scored else np.zeros((0, n), np.int64)
    return LabelledCells(cells, sums)


def _score_sums(score: Floats, actual: Ints, labelled: NDArray[np.bool_]) -> Ints:
    clipped = np.clip(score, LOSS_CLIP, 1 - LOSS_CLIP)
    loss = -np.log(np.where(actual == 1, clipped, 1 - clipped))
    squared = (score - (actual == 1)) ** 2
    sums: Floats = np.stack([loss, squared, score]) * SCORE_GRID * labelled
    return np.rint(sums).astype(np.int64)


def _error_cells(layout: LabelledLayout, told: Told) -> LabelledCells:
    usable = np.isfinite(told.prediction)
    labelled = usable & np.isfinite(told.label)
    error = np.where(labelled, told.prediction - told.label, 0.0) / layout.unit
    error = np.clip(error, -ERROR_WINSOR, ERROR_WINSOR)
    place = np.searchsorted(ERROR_EDGES, error, side="right") + layout.slices["labelled"].start
    none: Ints = np.full(len(error), layout.size)
    cells = np.stack([np.where(usable, 0, none), np.where(labelled, place, none), none])
    grid = np.rint(error * ERROR_GRID).astype(np.int64)
    square = grid * grid
    low = square & ((1 << SQUARE_LOW_BITS) - 1)
    high = square >> SQUARE_LOW_BITS
    return LabelledCells(cells, np.stack([abs(grid), grid, high, low]))
