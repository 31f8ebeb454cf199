"""Whether the time of an event can be believed."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.lenient import Fault
from stream_drift.events.time import NO_TIME

EARLIEST_MS = 631_152_000_000
"""1990-01-01 UTC; earlier is implausible."""
LATEST_MS = 4_102_444_800_000
"""2100-01-01 UTC; this and later is implausible."""
MAX_AHEAD_MS = 300_000
"""How far an event may be ahead of its own record's timestamp."""


def untimely(times_ms: NDArray[np.int64], record_times_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a time is none, implausible, or in the future of its own record; bool, shape (n,)."""
    ahead = times_ms - MAX_AHEAD_MS > record_times_ms
    return ahead | (times_ms < EARLIEST_MS) | (times_ms >= LATEST_MS)


def fault_of_time(time_ms: int, record_time_ms: int) -> Fault:
    """Why an untimely event is rejected."""
    if time_ms == NO_TIME:
        return Fault("no_time", "absent, null, or nothing that reads as a time")
    if not EARLIEST_MS <= time_ms < LATEST_MS:
        return Fault("implausible_time", f"{_text(time_ms)} is not from 1990 to 2099")
    ahead = (time_ms - record_time_ms) // 1000
    return Fault("future_time", f"{_text(time_ms)} is {ahead} s ahead of the record's timestamp")


def _text(time_ms: int) -> str:
    try:
        return datetime.fromtimestamp(time_ms // 1000, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return f"{time_ms} ms since 1970"
