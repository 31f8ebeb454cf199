"""Performance of one monitor's model, by the panes of its predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from stream_drift.detection.decision import Decision
from stream_drift.detection.performance_budget import PerformanceBudget, PerformancePolicy
from stream_drift.engine.effects import KeepJoin, PaneMatured
from stream_drift.engine.label_join import JoinSettings, LabelJoin
from stream_drift.engine.waiting import Waiting
from stream_drift.profiles.label_columns import labelled_of
from stream_drift.profiles.label_count import Ints
from stream_drift.profiles.labelled import LabelledLayout
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import Profile
from stream_drift.profiles.rows import PaneRows
from stream_drift.scoring.performance import delay_line, performance_lines
from stream_drift.scoring.table import ScoreLine


@dataclass(frozen=True, slots=True)
class PerformanceSettings:
    """How labels come to predictions.

    Attributes
    ----------
    topics
        Those that carry labels and nothing else.
    join
        ``None``: labels come with their predictions.
    positives_only
        Only predicted positives ever get a label.
    budget
        ``None``: nothing opens an incident.
    """

    topics: tuple[str, ...] = ()
    join: JoinSettings | None = None
    positives_only: bool = False
    budget: PerformanceBudget | None = None


class Performance:
    """Scores panes of predictions once their labels are known.

    Attributes
    ----------
    join
        ``None`` where labels come with their predictions, or none at all.
    policy
        ``None`` where nothing can open.
    predictions_end
        No prediction comes any more (a replay's files have ended): labels alone move time on.
    """

    def __init__(self, settings: PerformanceSettings, layout: Layout) -> None:
        self._settings = settings
        self._layout = layout
        self._labelled = labelled_of(layout)
        self.join: LabelJoin | None = None
        if self._labelled is not None and settings.join is not None:
            self.join = LabelJoin(settings.join, self._labelled, layout.pane_ms)
        self.policy: PerformancePolicy | None = None
        if self._labelled is not None and settings.budget is not None:
            self.policy = PerformancePolicy(settings.budget, self._labelled)
        self.predictions_end = False

    def close_pane(
        self, start_ms: int, profile: Profile, rows: PaneRows
    ) -> Iterator[PaneMatured | KeepJoin]:
        """Take the predictions of a pane; labels that came with them are all there."""
        if self._labelled is None:
            return
        if self.join is None:
            yield self._matured(self._labelled, start_ms, profile.view(self._labelled.name))
        elif rows.rate:
            waiting = Waiting.of(self._layout, self._labelled, start_ms, rows)
            self.join.add(waiting)
            yield KeepJoin("waiting", start_ms, waiting.pack())

    def close_labels(self, start_ms: int, rows: PaneRows) -> Iterator[KeepJoin]:
        """Take the labels of a pane; they are given out as `advance` comes to them."""
        if self.join is not None and rows.rows:
            self.join.queued[start_ms] = rows
            yield KeepJoin("labels", start_ms, [rows.rate, list(rows.rows)])

    def advance(self, labels_ms: int | None, predictions_ms: int | None) -> Iterator[PaneMatured]:
        """Labels and predictions are known up to these times."""
        if self.join is None or labels_ms is None or predictions_ms is None:
            return
        upto_ms = labels_ms if self.predictions_end else min(labels_ms, predictions_ms)
        for waiting, is_first in self.join.advance(upto_ms):
            layout, delay = self.join.layout, delay_line(waiting.delays_ms)
            matured = self._matured(layout, waiting.start_ms, waiting.counts(layout), delay)
            yield replace(matured, is_first=is_first)

    def _matured(
        self, labelled: LabelledLayout, start_ms: int, counts: Ints, *more: ScoreLine
    ) -> PaneMatured:
        only = self._settings.positives_only
        lines = performance_lines(labelled, counts, positives_only=only)
        return PaneMatured(start_ms, start_ms + self._layout.pane_ms, (*lines, *more), counts)

    def judge(self, pane: PaneMatured) -> tuple[Decision, ...]:
        """What follows from a matured pane; each is judged once."""
        if self.policy is None or not pane.is_first:
            return ()
        return self.policy.close_pane(pane.start_ms, pane.end_ms, pane.counts)
