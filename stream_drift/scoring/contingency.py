"""The 2 x k table of live and reference counts, and its chi-squared statistic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.scoring.counts import Counts, Floats

MIN_EXPECTED = 5.0
"""Cells in which fewer events are expected are pooled: their law is not near enough to normal."""


@dataclass(frozen=True, slots=True)
class Contingency:
    """Pearson's statistic of homogeneity after pooling; every array of shape (...).

    Attributes
    ----------
    statistic
        NaN where a sample is empty.
    n_columns
        Columns after pooling, at least 1.
    n_events
        Events of both samples.
    """

    statistic: Floats
    n_columns: NDArray[np.int64]
    n_events: Floats


def contingency(live: Counts, reference: Counts) -> Contingency:
    """Test the two rows for one common law.

    Columns with an expected count below 5 in either row become one. Where even that one expects
    less, it is judged as if it expected 5: conservative, so that one event in a bin that was
    empty cannot decide the test, while a hundred still do.
    """
    x, y = live.real, reference.real
    n, m = live.size[..., None], reference.size[..., None]
    small = (x + y) * (np.minimum(n, m) / (n + m)) < MIN_EXPECTED
    x, y = _pool(x, small), _pool(y, small)
    per_event = (x + y) / (n + m)
    difference = (x * m - y * n) / (n + m)
    cells = difference**2 * (1 / _at_least(per_event * n) + 1 / _at_least(per_event * m))
    n_columns = np.maximum((x + y > 0).sum(axis=-1), 1)
    return Contingency(np.asarray(cells.sum(axis=-1)), n_columns, (n + m)[..., 0])


def _pool(row: Floats, small: NDArray[np.bool_]) -> Floats:
    """The row with its small columns emptied into one more column at the end."""
    pool = np.where(small, row, 0.0).sum(axis=-1, keepdims=True)
    return np.concatenate([np.where(small, 0.0, row), pool], axis=-1)


def _at_least(expected: Floats) -> Floats:
    return np.asarray(np.maximum(expected, MIN_EXPECTED))
