"""Decoded events as columns, and the records that could not become events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MISSING = math.nan
"""In a number column: absent or null."""
NOT_FINITE = math.inf
"""In a number column: NaN or an infinity (also a literal too large for a float)."""
INVALID = -math.inf
"""In a number column: a value of the wrong type."""


class Invalid:
    """In a category column: a value of the wrong type (an object or an array)."""

    __slots__ = ()


INVALID_CATEGORY = Invalid()

REJECT_REASONS = ("decode", "not_object", "no_time", "implausible_time", "future_time")
"""Every reason for which a record is rejected."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that could not be used: its place in the batch, why, and a line for a reader."""

    row: int
    offset: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The events of one batch, in offset order, rejects and filtered records left out.

    Attributes
    ----------
    offsets, times_ms, record_times_ms
        int64, shape (n,): offset, event time and the record's own timestamp of each event.
    numbers
        float64, shape (n, n_numbers): finite values, or MISSING, NOT_FINITE, INVALID.
    categories
        One sequence of n raw values per category column: ``str``, ``int``, ``float``, ``bool``,
        ``None`` (missing) or INVALID_CATEGORY.
    ids
        The event ids as text, or ``None`` where the offset is the identity.
    rejects
        In offset order.
    n_filtered
        Records that ``where`` left out; they are neither events nor rejects.
    """

    offsets: NDArray[np.int64]
    times_ms: NDArray[np.int64]
    record_times_ms: NDArray[np.int64]
    numbers: NDArray[np.float64]
    categories: tuple[Sequence[object], ...]
    ids: Sequence[str] | None
    rejects: tuple[Reject, ...]
    n_filtered: int = 0

    def __len__(self) -> int:
        return len(self.offsets)
