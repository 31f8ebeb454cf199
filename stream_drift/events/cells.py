"""One JSON value to one cell of a column, by its type."""

from __future__ import annotations

import math

from stream_drift.events.columns import INVALID, INVALID_CATEGORY, MISSING, NOT_FINITE

_CONTAINERS = (dict, list)


def number_cell(value: object) -> float:
    """The cell of a number column; booleans, texts and containers are invalid.

    Examples
    --------
    >>> [number_cell(value) for value in (7, None, 10**400, "7", True)]
    [7.0, nan, inf, -inf, -inf]
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else NOT_FINITE
    if value is None:
        return MISSING
    if isinstance(value, bool) or not isinstance(value, int):
        return INVALID
    try:
        return float(value)
    except OverflowError:
        return NOT_FINITE


def scalar_cell(value: object) -> object:
    """The cell of a category column, an id or a time: the raw value unless it is a container."""
    return INVALID_CATEGORY if value.__class__ in _CONTAINERS else value
