"""Event time within one partition: panes, the watermark, and what comes too late."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def pane_starts_of(times_ms: Ints, pane_ms: int) -> Ints:
    """The pane of each event: ``[k * pane, (k + 1) * pane)``, epoch-aligned, UTC."""
    return times_ms - times_ms % pane_ms


def late_events(
    times_ms: Ints, pane_starts: Ints, pane_ms: int, lateness_ms: int, greatest_ms: int | None
) -> NDArray[np.bool_]:
    """Which events came after their pane had ended by their own partition's watermark.

    The watermark before an event is the greatest event time so far minus the lateness, so the
    answer depends on one partition's log alone and not on how it is batched.
    """
    before = np.maximum.accumulate(times_ms)
    if greatest_ms is not None:
        np.maximum(before, greatest_ms, out=before)
    return np.asarray(pane_starts + pane_ms <= before - lateness_ms)
