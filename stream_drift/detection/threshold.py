"""The ``threshold`` policy: a published score that stays beyond a fixed limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stream_drift.detection.decision import Changed, Decision, Finding, Onset, Opened, Resolved
from stream_drift.detection.effect import finding_of
from stream_drift.detection.threshold_settings import ThresholdSettings
from stream_drift.scoring.window_scores import WindowScores

BACK_ABOVE = 0.2
"""A score is back when it lies this share of the limit below it."""
BACK_BELOW = 0.25
"""Likewise above a lower limit."""


@dataclass(slots=True)
class _Streak:
    """Consecutive panes of one feature beyond the limit, or back within it."""

    beyond: int = 0
    back: int = 0
    guilty: bool = False


@dataclass(slots=True)
class ThresholdPolicy:
    """One configured threshold; at most one incident is open at a time.

    Features that cross join the open incident; it resolves when the last of them is back. Panes
    whose window is not complete are passed over; a score without a value ends a streak.
    """

    settings: ThresholdSettings
    is_open: bool = False
    _opened_at_ms: int = 0
    _streaks: dict[str | None, _Streak] = field(default_factory=dict)

    def close_pane(
        self, pane_end_ms: int, pane_ms: int, windows: Mapping[str, WindowScores]
    ) -> list[Decision]:
        """Take the scores of the pane that just closed."""
        settings, scores = self.settings, windows[self.settings.window]
        if not scores.complete:
            return []
        for feature in settings.features or (None,):
            line = scores.lines.get((feature, settings.score))
            value = line.value if line is not None else None
            self._judge(self._streaks.setdefault(feature, _Streak()), value)
        findings = tuple(
            self._finding(feature, scores)
            for feature, streak in self._streaks.items()
            if streak.guilty
        )
        return self._decide(pane_end_ms, pane_ms, findings)

    def _judge(self, streak: _Streak, value: float | None) -> None:
        streak.beyond = streak.beyond + 1 if self._is_beyond(value) else 0
        streak.back = streak.back + 1 if self._is_back(value) else 0
        if streak.beyond >= self.settings.n_panes:
            streak.guilty = True
        elif streak.back >= self.settings.n_panes:
            streak.guilty = False

    def _is_beyond(self, value: float | None) -> bool:
        above, below = self.settings.above, self.settings.below
        if value is None:
            return False
        return (above is not None and value > above) or (below is not None and value < below)

    def _is_back(self, value: float | None) -> bool:
        above, below = self.settings.above, self.settings.below
        if value is None:
            return False
        if above is not None:
            return value <= above - BACK_ABOVE * abs(above)
        return below is not None and value >= below + BACK_BELOW * abs(below)

    def _finding(self, feature: str | None, scores: WindowScores) -> Finding:
        settings = self.settings
        line = scores.lines.get((feature, settings.score))
        sign, limit = (">", settings.above) if settings.below is None else ("<", settings.below)
        shown = "no value" if line is None or line.value is None else f"{line.value:.3g}"
        reason = f"{settings.score} {shown} (limit {sign} {limit:.3g}) over {settings.window}"
        return finding_of(feature, settings.score, reason, scores)

    def _decide(
        self, pane_end_ms: int, pane_ms: int, findings: tuple[Finding, ...]
    ) -> list[Decision]:
        policy, window = self.settings.policy, self.settings.window
        if not self.is_open:
            if not findings:
                return []
            self.is_open = True
            self._opened_at_ms = pane_end_ms
            onset = self._onset(pane_ms)
            return [Opened(policy, policy, pane_end_ms, findings, onset, window=window)]
        if findings:
            return [Changed(policy, pane_end_ms, findings, self._onset(pane_ms), window=window)]
        self.is_open = False
        return [Resolved(policy, pane_end_ms, "recovered")]

    def _onset(self, pane_ms: int) -> Onset:
        """The first pane of the streak ended here; the change itself lies in its window."""
        first_end_ms = self._opened_at_ms - (self.settings.n_panes - 1) * pane_ms
        earliest = first_end_ms - self.settings.window_ms
        return Onset(first_end_ms - pane_ms, earliest, first_end_ms)

    def snapshot(self) -> list[object]:
        """The state as plain values, for a checkpoint."""
        streaks = [[f, s.beyond, s.back, s.guilty] for f, s in self._streaks.items()]
        return [self.is_open, self._opened_at_ms, streaks]

    def restore(self, values: list[object]) -> None:
        """Take up what `snapshot` gave; features that are no longer watched are dropped."""
        self.is_open, self._opened_at_ms, streaks = values  # type: ignore[assignment]  # plain
        watched = set(self.settings.features or (None,))
        self._streaks = {f: _Streak(*rest) for f, *rest in streaks if f in watched}  # type: ignore[attr-defined]  # plain
