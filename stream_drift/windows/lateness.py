"""Event time within one partition: panes, the watermark, and what comes too late."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def pane_starts_of(times_ms: Ints, pane_ms: int) -> Ints:
    """The pane of each event: ``[k * pane, (k + 1) * pane)``, epoch-aligned, UTC."""
    return times_ms - times_ms % pane_ms


def latest_times(times_ms: Ints, known_ms: int | None) -> Ints:
    """The greatest event time so far, at each event; ``known_ms`` is that of what came before."""
    latest = np.maximum.accumulate(times_ms)
    return latest if known_ms is None else np.maximum(latest, known_ms)


def late_events(
    pane_starts: Ints, latest_ms: Ints, pane_ms: int, lateness_ms: int
) -> NDArray[np.bool_]:
    """Which events came after their pane had ended by their own partition's watermark.

    The watermark at an event is the greatest event time so far minus the lateness, so the
    answer depends on one partition's log alone and not on how it is batched.
    """
    return np.asarray(pane_starts + pane_ms <= latest_ms - lateness_ms)
