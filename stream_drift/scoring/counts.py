"""The inputs and the result of every statistic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)  # no slots: sums are kept, every statistic asks for them
class Counts:
    """Event counts per bin, for one feature or for many at once.

    Attributes
    ----------
    counts
        float64, shape (..., n_bins); features with fewer bins are padded.
    valid
        bool, the same shape: False marks padding, which no statistic sees.
    """

    counts: Floats
    valid: NDArray[np.bool_]

    @cached_property
    def real(self) -> Floats:
        """The counts with 0 as padding, shape (..., n_bins)."""
        return np.where(self.valid, self.counts, 0.0)

    @cached_property
    def total(self) -> Floats:
        """Events per feature, shape (...)."""
        return np.asarray(self.real.sum(axis=-1))

    @cached_property
    def size(self) -> Floats:
        """Events per feature, NaN where there are none: what divides by it is undefined."""
        total = self.total
        return np.where(total > 0, total, np.nan)

    @cached_property
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

    raw: Floats
    value: Floats
    low: Floats | None = None
    high: Floats | None = None
    p_value: Floats | None = None
