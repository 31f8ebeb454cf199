"""Weights that make training rows look like live ones: for a change of inputs alone."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.logistic import fit_logistic
from stream_drift.past.join import Table
from stream_drift.past.rows import Value

Array = NDArray[np.float64]
MOST_ROWS = 20_000
"""The rule is found on so many rows a side, evenly spread."""
MOST_CATEGORIES = 10
LEAST_SHARE = 0.01
WIDEST_SD = 8.0
LEAST, GREATEST = 0.05, 20.0
"""No row counts for less or for more, before weights are scaled to a mean of 1."""


def training_weights(
    live: Table, training: Table, features: Sequence[str], numbers: frozenset[str]
) -> Array:
    """How much more likely each training row's inputs are live than in training.

    The odds come from a logistic regression between both sides, on standardised numbers and
    their squares, missing values and the most frequent categories.

    Parameters
    ----------
    features
        The columns that a model takes as inputs.
    numbers
        Which of them hold numbers.

    Returns
    -------
    Array
        One weight per training row, of mean 1; all 1 where a side has no rows.

    References
    ----------
    Bickel, Brueckner, Scheffer (2009), Discriminative learning under covariate shift.
    """
    if not live.rows or not training.rows:
        return np.ones(len(training.rows))
    sides = [
        column
        for name in features
        for column in _columns(live.column(name), training.column(name), is_number=name in numbers)
    ]
    if not sides:
        return np.ones(len(training.rows))
    ours = np.column_stack([column for column, _ in sides])
    theirs = np.column_stack([column for _, column in sides])
    constant, slopes = fit_logistic(_spread(ours), _spread(theirs))
    odds = np.exp(np.clip(constant + theirs @ slopes, np.log(LEAST), np.log(GREATEST)))
    return np.asarray(odds / odds.mean())


def _columns(
    live: Sequence[Value], training: Sequence[Value], *, is_number: bool
) -> Iterator[tuple[Array, Array]]:
    both = [*training, *live]
    missing = [value is None for value in both]
    if LEAST_SHARE < np.mean(missing) < 1:
        yield _indicator(live, None), _indicator(training, None)
    if is_number:
        yield from _powers(live, training)
        return
    for value, n in Tally(value for value in both if value is not None).most_common(
        MOST_CATEGORIES
    ):
        if n > LEAST_SHARE * len(both):
            yield _indicator(live, value), _indicator(training, value)


def _powers(live: Sequence[Value], training: Sequence[Value]) -> Iterator[tuple[Array, Array]]:
    """In standard deviations of the training rows, and squared; a missing value is the mean."""
    ours, theirs = (np.array(side, np.float64) for side in (live, training))
    if not np.isfinite(theirs).any():
        return
    centre, unit = float(np.nanmean(theirs)), float(np.nanstd(theirs)) or 1.0
    scaled = [
        np.clip(np.nan_to_num((side - centre) / unit), -WIDEST_SD, WIDEST_SD)
        for side in (ours, theirs)
    ]
    yield scaled[0], scaled[1]
    yield scaled[0] ** 2, scaled[1] ** 2


def _indicator(side: Sequence[Value], value: Value) -> Array:
    return np.array([each == value for each in side], np.float64)


def _spread(rows: Array) -> Array:
    return rows[:: max(1, -(-len(rows) // MOST_ROWS))]
