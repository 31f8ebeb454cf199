"""One JSON value to one cell of a column, by its type."""

from __future__ import annotations

import math

from stream_drift.events.columns import INVALID, INVALID_CATEGORY, MISSING, NOT_FINITE


def number_cell(value: object) -> float:
    """The cell of a number column; booleans, texts and containers are invalid.

    Examples
    --------
    >>> [number_cell(value) for value in (7, None, 10**400, "7", True)]
    [7.0, nan, inf, -inf, -inf]
    """
    if value is None:
        return MISSING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return INVALID
    try:
        number = float(value)
    except OverflowError:
        return NOT_FINITE
    return number if math.isfinite(number) else NOT_FINITE


def scalar_cell(value: object) -> object:
    """The cell of a category column, an id or a time: the raw value unless it is a container."""
    return INVALID_CATEGORY if isinstance(value, dict | list) else value
