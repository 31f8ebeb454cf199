"""What a monitor can see as it stands, for its user; nothing decides by it."""

from __future__ import annotations

from dataclasses import dataclass

from stream_drift.detection.baseline import BaselineState
from stream_drift.detection.forecast import Offset

SHIFTS = (0.1, 0.25)
"""Shifts of a number's mean, in reference sd, of which the expected delay is shown."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Baseline, expected delays and standing offsets.

    Attributes
    ----------
    events_per_pane
        The present volume.
    delays_ms
        Per shift of `SHIFTS` when it would be found at that volume; ``None``: not within weeks.
    offsets
        The baseline against the reference; empty while there is none.
    """

    baseline: BaselineState
    events_per_pane: float
    delays_ms: tuple[tuple[float, int | None], ...]
    offsets: tuple[Offset, ...]

    @property
    def clear_offsets(self) -> tuple[Offset, ...]:
        """Offsets that are more than chance, the largest first."""
        clear = [offset for offset in self.offsets if offset.low > 0 or offset.high < 0]
        return tuple(sorted(clear, key=lambda offset: -min(abs(offset.low), abs(offset.high))))
