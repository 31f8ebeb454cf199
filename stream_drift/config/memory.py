"""How much memory the profiles of a monitor can take."""

from __future__ import annotations

from dataclasses import dataclass

from stream_drift.config.durations import DAY_MS, HOUR_MS
from stream_drift.config.settings import MonitorSettings
from stream_drift.engine.pane_rows import MAX_OPEN_ROWS
from stream_drift.engine.row_store import MAX_ROWS
from stream_drift.profiles.joint import MAX_FEATURES
from stream_drift.profiles.layout import Layout
from stream_drift.windows.blocks import MAX_BLOCK_OFFSETS, MAX_BLOCK_PANES

CELL_BYTES = 8
ASSUMED_NUMBER_CELLS = 66 + 8
"""Bins; unusable values by reason, moments in three words, least and greatest value."""
ASSUMED_CATEGORY_CELLS = 52 + 3
"""50 categories, *rare* and *new*; unusable values by reason."""
ROW_BYTES, NUMBER_BYTES, CATEGORY_BYTES = 250, 32, 64
"""Of a sampled row, and of each of its values."""


@dataclass(frozen=True, slots=True)
class MemoryBound:
    """What the profiles of one monitor take at most, where one process does all the work.

    Attributes
    ----------
    kept_bytes
        Closed panes that the trailing windows still cover.
    open_bytes
        Panes that the clock has not passed.
    block_bytes
        The unfinished block of each input partition: once where it is profiled, once where the
        detector keeps its newest snapshots.
    row_bytes
        Sampled rows: of unfinished blocks, of open panes, and of the last two weeks.
    """

    kept_bytes: int
    open_bytes: int
    block_bytes: int
    row_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.kept_bytes + self.open_bytes + self.block_bytes + self.row_bytes


def assumed_cells(monitor: MonitorSettings) -> int:
    """Cells of a profile as long as no reference says how many."""
    return (
        1
        + len(monitor.numbers) * ASSUMED_NUMBER_CELLS
        + len(monitor.categories) * ASSUMED_CATEGORY_CELLS
        + _pairs(min(len(monitor.joint_features), MAX_FEATURES))
    )


def _pairs(n_features: int) -> int:
    return n_features * (n_features - 1) // 2


def cells_of(layout: Layout) -> int:
    """Cells of a profile: the additive vector, and the extremes of every number."""
    return layout.size + 2 * layout.n_numbers


def memory_bound(monitor: MonitorSettings, n_cells: int, n_partitions: int) -> MemoryBound:
    """The bound for profiles of ``n_cells`` cells and ``n_partitions`` input partitions.

    A block holds at most `MAX_BLOCK_PANES` panes, and that many are open while a backlog is read.
    The names of new categories come on top; they are few unless ids are watched as categories.
    """
    profile_bytes = n_cells * CELL_BYTES
    n_late = -(-monitor.lateness_ms // monitor.pane_ms)
    return MemoryBound(
        kept_bytes=_kept_panes(monitor) * profile_bytes,
        open_bytes=(MAX_BLOCK_PANES + n_late) * profile_bytes,
        block_bytes=2 * n_partitions * MAX_BLOCK_PANES * profile_bytes,
        row_bytes=_row_bytes(monitor, n_partitions),
    )


def _row_bytes(monitor: MonitorSettings, n_partitions: int) -> int:
    rate = 0.0 if monitor.privacy == "strict" else monitor.samples.rate
    if not rate:
        return 0
    n_rows = MAX_OPEN_ROWS + MAX_ROWS + 2 * n_partitions * round(rate * MAX_BLOCK_OFFSETS)
    values = len(monitor.numbers) * NUMBER_BYTES + len(monitor.categories) * CATEGORY_BYTES
    return n_rows * (ROW_BYTES + values)


def _kept_panes(monitor: MonitorSettings) -> int:
    """Windows up to a day share the same panes, longer ones keep hours of their own."""
    lengths_ms = [window.length_ms for window in monitor.windows]
    shared_ms = max((ms for ms in lengths_ms if ms <= DAY_MS), default=0)
    n_hours = sum(-(-ms // HOUR_MS) + 1 for ms in lengths_ms if ms > DAY_MS)
    n_totals = len(lengths_ms)
    return shared_ms // monitor.pane_ms + n_hours + n_totals
