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
NO_CLASS = -1


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of every event of a batch, each of shape (n,); absent columns are ``None``.

    Attributes
    ----------
    prediction, label
        Classes: raw values as in `stream_drift.events.columns.Columns`. Regression: float64,
        not finite where there is none.
    score
        Not finite where there is none.
    outside
        Whether the reference does not cover the event's features.
    """

    prediction: Values | None
    score: Floats | None
    label: Values | None
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


def class_indices(layout: LabelledLayout, values: Values) -> Ints:
    """The class of every value; `NO_CLASS` where there is no usable one."""
    last = len(layout.classes) - 1
    if layout.task == "binary":
        known, other = {layout.classes[1]: 1}, 0
    else:
        known, other = {name: i for i, name in enumerate(layout.classes[:last])}, last
    found: dict[tuple[type, object], int] = {(type(None), None): NO_CLASS}
    indices = np.empty(len(values), np.int64)
    for i, value in enumerate(values):
        key = (type(value), value)
        index = found.get(key)
        if index is None:
            absent = value is INVALID_CATEGORY
            index = NO_CLASS if absent else known.get(category_text(value), other)
            found[key] = index
        indices[i] = index
    return indices


def _class_cells(layout: LabelledLayout, told: Told) -> LabelledCells:
    n, k = len(told.outside), len(layout.classes)
    score = np.full(n, np.nan) if told.score is None else np.asarray(told.score, np.float64)
    finite = np.isfinite(score)
    usable = finite if layout.scored else np.ones(n, np.bool_)
    score = np.where(finite, np.clip(score, 0.0, 1.0), 0.0)
    if told.prediction is None:
        predicted = (score >= 0.5).astype(np.int64)  # noqa: PLR2004 - the more likely class
    else:
        predicted = class_indices(layout, told.prediction)
    usable &= predicted != NO_CLASS
    actual = np.full(n, NO_CLASS) if told.label is None else class_indices(layout, told.label)
    labelled = usable & (actual != NO_CLASS)
    strata = np.minimum((score * SCORE_BINS).astype(np.int64), SCORE_BINS - 1)
    strata *= layout.scored
    pair = (strata * k + actual) * k + predicted
    cells = np.stack(
        [
            np.where(usable, strata * k + predicted, layout.size),
            np.where(labelled, pair + layout.slices["labelled"].start, layout.size),
            np.where(labelled & told.outside, pair + layout.slices["outside"].start, layout.size),
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
    n = len(told.outside)
    predicted, label = _numbers(told.prediction, n), _numbers(told.label, n)
    usable = np.isfinite(predicted)
    labelled = usable & np.isfinite(label)
    error = np.zeros(n)
    np.subtract(predicted, label, out=error, where=labelled)
    error = np.clip(error / layout.unit, -ERROR_WINSOR, ERROR_WINSOR)
    place = np.searchsorted(ERROR_EDGES, error, side="right") + layout.slices["labelled"].start
    none: Ints = np.full(n, layout.size)
    cells = np.stack([np.where(usable, 0, none), np.where(labelled, place, none), none])
    grid = np.rint(error * ERROR_GRID * labelled).astype(np.int64)
    square = grid * grid
    low = square & ((1 << SQUARE_LOW_BITS) - 1)
    high = square >> SQUARE_LOW_BITS
    return LabelledCells(cells, np.stack([abs(grid), grid, high, low]))


def _numbers(values: Values | None, n: int) -> Floats:
    return np.full(n, np.nan) if values is None else np.asarray(values, np.float64)
