"""The inputs and the result of every statistic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Counts:
    """Event counts per bin, for one feature or for many at once.

    Attributes
    ----------
    counts
        float64, shape (..., n_bins); features with fewer bins are padded.
    valid
        bool, the same shape: False marks padding, which no statistic sees.
    """

    counts: NDArray[np.float64]
    valid: NDArray[np.bool_]

    @property
    def total(self) -> NDArray[np.float64]:
        """Events per feature, shape (...)."""
        return np.asarray(self.counts.sum(axis=-1))

    @property
    def n_bins(self) -> NDArray[np.int64]:
        """Real bins per feature, shape (...)."""
        return np.asarray(self.valid.sum(axis=-1))


def counts(values: ArrayLike) -> Counts:
    """Counts without padding, for one feature or a full table."""
    array = np.asarray(values, dtype=np.float64)
    return Counts(array, np.ones(array.shape, dtype=bool))


@dataclass(frozen=True, slots=True)
class Score:
    """A statistic of one or many features; every array has the shape of ``value``.

    Attributes
    ----------
    raw, value
        The plug-in value, and the debiased one (equal where no null mean is known). NaN where
        undefined.
    low, high
        A 95 % interval of ``value`` from both sample sizes, or ``None``.
    p_value
        Of the hypothesis that nothing changed, or ``None``.
    """

    raw: NDArray[np.float64]
    value: NDArray[np.float64]
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None
    p_value: NDArray[np.float64] | None = None
