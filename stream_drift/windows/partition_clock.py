"""How far event time has come in one input partition."""

from __future__ import annotations

from dataclasses import dataclass

from stream_drift.windows.log import Progress

FROZEN_AFTER_MS = 3_600_000
"""A watermark that stands this long while the position moves no longer holds panes open."""
GREATEST_GAP_MS = 15_000
"""A gap between progress records counts at most this much towards standing."""


@dataclass(slots=True)
class PartitionClock:
    """The watermark; append time beyond it while the partition is idle or its watermark frozen.

    It never falls. `append time` is the log's own, so no clock of ours is asked.

    Attributes
    ----------
    time_ms
        ``None`` while the partition has had no event.
    left_out
        No event, and idle or frozen: the partition holds nothing open.
    """

    time_ms: int | None = None
    left_out: bool = False
    _watermark_ms: int | None = None
    _position: int = -1
    _append_ms: int | None = None
    _idle_since_ms: int | None = None
    _stood_ms: int = 0

    def advance(self, progress: Progress, append_ms: int) -> None:
        """Take one progress record, in log order."""
        gap_ms = 0 if self._append_ms is None else max(0, append_ms - self._append_ms)
        if progress.watermark_ms is not None and (
            self._watermark_ms is None or progress.watermark_ms > self._watermark_ms
        ):
            self._watermark_ms, self._stood_ms = progress.watermark_ms, 0
        elif progress.position > self._position:
            self._run_frozen(gap_ms)
        if self._watermark_ms is not None:
            self._raise(self._watermark_ms)
        self._run_idle(progress, append_ms)
        self._position = max(self._position, progress.position)
        self._append_ms = append_ms

    def _raise(self, time_ms: int) -> None:
        self.time_ms = time_ms if self.time_ms is None else max(self.time_ms, time_ms)
        self.left_out = False

    def _run_frozen(self, gap_ms: int) -> None:
        if self._stood_ms >= FROZEN_AFTER_MS:
            if self.time_ms is None:
                self.left_out = True
            else:
                self.time_ms += gap_ms
        self._stood_ms += min(gap_ms, GREATEST_GAP_MS)

    def _run_idle(self, progress: Progress, append_ms: int) -> None:
        if progress.idle_as_of_ms is None or progress.position < self._position:
            self._idle_since_ms = None
            return
        if self._idle_since_ms is None or progress.position > self._position:
            self._idle_since_ms = append_ms
        if self._watermark_ms is None:
            self.left_out = True
        else:
            self._raise(self._watermark_ms + max(0, progress.idle_as_of_ms - self._idle_since_ms))

    def snapshot(self) -> list[int | bool | None]:
        """The state as plain values, for a checkpoint."""
        return [
            self.time_ms,
            self.left_out,
            self._watermark_ms,
            self._position,
            self._append_ms,
            self._idle_since_ms,
            self._stood_ms,
        ]

    @classmethod
    def restore(cls, values: list[int | bool | None]) -> PartitionClock:
        """What `snapshot` gave."""
        return cls(*values)  # type: ignore[arg-type]  # the list is typed by position
