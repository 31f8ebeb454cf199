"""Where a partition's log is cut into blocks: a pure function of the log, from any cut on."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

MAX_BLOCK_OFFSETS = 100_000
SLOT_MS = 600_000
"""A block ends when the greatest record timestamp seen in it enters another 10-minute slot."""
MAX_BLOCK_PANES = 64

Ints = NDArray[np.int64]


def rows_before_cut(
    offsets: Ints, timestamps_ms: Ints, block_start: int, greatest_ms: int | None
) -> int:
    """How many of the next records still belong to the block that began at ``block_start``.

    Parameters
    ----------
    offsets, timestamps_ms
        The next records of the partition, shape (n,), n > 0.
    greatest_ms
        Greatest record timestamp in the block so far; ``None`` while it holds no record: then
        the first record always belongs to it.
    """
    first = int(timestamps_ms[0]) if greatest_ms is None else greatest_ms
    # Up to there the greatest one cannot have left its slot: the first later slot is the cut.
    later = timestamps_ms // SLOT_MS > first // SLOT_MS
    by_slot = int(later.argmax()) if later.any() else len(later)
    by_length = int(np.searchsorted(offsets, block_start + MAX_BLOCK_OFFSETS))
    rows = min(by_slot, by_length)
    return max(1, rows) if greatest_ms is None else rows


def events_before_full(pane_starts: Ints, open_panes: Collection[int]) -> int:
    """How many of the next events fit before one would open the block's 65th pane.

    Parameters
    ----------
    pane_starts
        The panes of the next events that are counted in panes, in offset order, shape (n,).
    open_panes
        Panes that the block holds already.
    """
    room = MAX_BLOCK_PANES - len(open_panes)
    if len(pane_starts) <= room:
        return len(pane_starts)
    fresh, first_rows = np.unique(pane_starts, return_index=True)
    unseen = [
        row
        for pane, row in zip(fresh.tolist(), first_rows.tolist(), strict=True)
        if pane not in open_panes
    ]
    return len(pane_starts) if len(unseen) <= room else sorted(unseen)[room]
