"""Lines of performance: of the model as a whole, with an interval."""

from __future__ import annotations

import math

import numpy as np

from stream_drift.scoring.catalogue import MIN_USABLE
from stream_drift.scoring.share import share
from stream_drift.scoring.table import ScoreLine

Z = 1.959963984540054
"""The two-sided 95 % point of the normal law."""


def line(name: str, value: float, half: float, n: int, least: float | None = None) -> ScoreLine:
    """A score with a symmetric interval, insufficient below `MIN_USABLE` labels.

    Parameters
    ----------
    half
        Half of the width of the interval.
    least
        The score's least possible value.
    """
    if n < MIN_USABLE or not math.isfinite(value):
        return insufficient(name, n)
    low = value - half if least is None else max(value - half, least)
    return ScoreLine(None, name, value, value, "ok", n, None, low, value + half)


def mean_line(
    name: str, mean: float, variance: float, n: int, least: float | None = None
) -> ScoreLine:
    """A mean over ``n`` events, with the variance of one."""
    half = Z * math.sqrt(max(variance, 0.0) / n) if n else math.nan
    return line(name, mean, half, n, least)


def share_line(name: str, hits: int, n: int) -> ScoreLine:
    """A share with Wilson's interval; one event is enough."""
    if not n:
        return insufficient(name, 0)
    found = share(np.array(hits), np.array(n))
    low, high = (None if end is None else float(end) for end in (found.low, found.high))
    return ScoreLine(None, name, hits / n, hits / n, "ok", n, None, low, high)


def insufficient(name: str, n: int) -> ScoreLine:
    """Too little is known."""
    return ScoreLine(None, name, None, None, "insufficient", n, None, None, None)
