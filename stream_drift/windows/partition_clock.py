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

    It never falls. `append time` is the log's own, so no clock of ours is asked. Stretches of
    idleness add up until the watermark rises: between them came what did not raise it.

    Attributes
    ----------
    time_ms
        ``None`` while the partition has had no event.
    empty_as_of_ms
        While it has had no event: the append time up to which that is known; ``None``: not yet.
    """

    time_ms: int | None = None
    empty_as_of_ms: int | None = None
    _watermark_ms: int | None = None
    _beyond_ms: int = 0
    _stood_ms: int = 0
    _idle_from_ms: int | None = None
    _position: int = -1
    _append_ms: int | None = None

    def advance(self, progress: Progress, append_ms: int) -> None:
        """Take one progress record, in log order; repeats and those of zombies change nothing."""
        last_ms = append_ms if self._append_ms is None else self._append_ms
        self._append_ms = max(last_ms, append_ms)
        moved = progress.position > self._position
        if moved:
            self._position, self._idle_from_ms = progress.position, None
        if self._rises(progress.watermark_ms):
            self._watermark_ms, self._beyond_ms, self._stood_ms = progress.watermark_ms, 0, 0
        elif moved:
            self._stand(self._append_ms - last_ms)
        if progress.idle_as_of_ms is not None and progress.position == self._position:
            self._idle(progress.idle_as_of_ms, append_ms)
        if self._watermark_ms is not None:
            time_ms = self._watermark_ms + self._beyond_ms
            self.time_ms = time_ms if self.time_ms is None else max(self.time_ms, time_ms)

    @property
    def is_left_out(self) -> bool:
        """It has had no event for so long, though records came, that it holds nothing open."""
        return self.time_ms is None and self._stood_ms >= FROZEN_AFTER_MS

    def _rises(self, watermark_ms: int | None) -> bool:
        if watermark_ms is None:
            return False
        return self._watermark_ms is None or watermark_ms > self._watermark_ms

    def _stand(self, gap_ms: int) -> None:
        """The position moved and the watermark did not."""
        if self._stood_ms >= FROZEN_AFTER_MS:
            self._beyond_ms += gap_ms
        self._stood_ms += min(gap_ms, GREATEST_GAP_MS)

    def _idle(self, as_of_ms: int, append_ms: int) -> None:
        """Nothing stood behind the position at ``as_of_ms``."""
        if self._idle_from_ms is None:
            self._idle_from_ms = append_ms
        elif as_of_ms > self._idle_from_ms:
            self._beyond_ms += as_of_ms - self._idle_from_ms
            self._idle_from_ms = as_of_ms
        self.empty_as_of_ms = max(as_of_ms, self.empty_as_of_ms or as_of_ms)

    def snapshot(self) -> list[int | None]:
        """The state as plain values, for a checkpoint."""
        return [
            self.time_ms,
            self.empty_as_of_ms,
            self._watermark_ms,
            self._beyond_ms,
            self._stood_ms,
            self._idle_from_ms,
            self._position,
            self._append_ms,
        ]

    @classmethod
    def restore(cls, values: list[int | None]) -> PartitionClock:
        """What `snapshot` gave."""
        return cls(*values)  # type: ignore[arg-type]  # the list is typed by position
