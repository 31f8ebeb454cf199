"""The ``no_data`` policy: event time goes on and no event comes."""

from __future__ import annotations

from dataclasses import dataclass

from stream_drift.detection.decision import Decision, Finding, Onset, Opened, Resolved

POLICY = "no_data"
EFFECT_SD = 0.25
"""A feed that stopped is a major incident: the model may be unreachable."""


@dataclass(slots=True)
class NoDataPolicy:
    """Opens when event time has passed the last pane with events by ``no_data_for_ms``.

    The opening pane follows from the last pane with events alone, so it does not depend on how
    far event time jumps at once.
    """

    no_data_for_ms: int
    pane_ms: int
    is_open: bool = False
    last_end_ms: int | None = None

    def reach(self, time_ms: int) -> list[Decision]:
        """Event time has come to ``time_ms`` without another pane of events before it."""
        if self.is_open or self.last_end_ms is None:
            return []
        opens_at_ms = -(-(self.last_end_ms + self.no_data_for_ms) // self.pane_ms) * self.pane_ms
        if time_ms < opens_at_ms:
            return []
        self.is_open = True
        minutes = self.no_data_for_ms / 60_000
        reason = f"no event for {minutes:g} min of event time"
        finding = Finding(
            feature=None,
            reasons=(reason,),
            confirmed=True,
            effect=None,
            effect_low=None,
            effect_high=None,
            unit="sd",
            effect_sd=EFFECT_SD,
            aspect="quality",
        )
        onset = Onset(self.last_end_ms, self.last_end_ms - self.pane_ms, self.last_end_ms)
        return [Opened(POLICY, POLICY, opens_at_ms, (finding,), onset)]

    def close_pane(self, pane_end_ms: int) -> list[Decision]:
        """A pane with events closed."""
        self.last_end_ms = pane_end_ms
        if not self.is_open:
            return []
        self.is_open = False
        return [Resolved(POLICY, pane_end_ms, "recovered")]

    def snapshot(self) -> list[object]:
        """The state as plain values, for a checkpoint."""
        return [self.is_open, self.last_end_ms]

    def restore(self, values: list[object]) -> None:
        """Take up what `snapshot` gave."""
        self.is_open, self.last_end_ms = values  # type: ignore[assignment]  # plain values
