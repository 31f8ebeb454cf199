"""The detector of one monitor: a pure function of its partition of the profiles topic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from stream_drift.detection.baseline import BaselineState
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.decision import Decision
from stream_drift.detection.domain import MOST_ROWS, DomainClassifier
from stream_drift.detection.no_data import NoDataPolicy
from stream_drift.detection.outlook import Outlook
from stream_drift.detection.performance_budget import POLICY
from stream_drift.detection.settings import BudgetSettings
from stream_drift.detection.threshold import ThresholdPolicy
from stream_drift.detection.threshold_settings import ThresholdSettings
from stream_drift.engine.before_after import BeforeAfter
from stream_drift.engine.effects import DetectorEffect, KeepRows, PaneClosed, PaneMatured, Publish
from stream_drift.engine.intake import Intake
from stream_drift.engine.label_join import LABEL_NAMES
from stream_drift.engine.performance import Performance, PerformanceSettings
from stream_drift.engine.row_slices import RowSlices
from stream_drift.engine.row_store import RowStore
from stream_drift.incidents.alert import Alert, BaselineInfo, ReferenceInfo, iso
from stream_drift.incidents.book import BookSettings, IncidentBook, Moment
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import Reference
from stream_drift.scoring.catalogue import EVIDENCE
from stream_drift.scoring.table import ScoreLine, Scorer
from stream_drift.scoring.window_scores import PANE_WINDOW, WindowScores
from stream_drift.windows.log import Command, LogRecord
from stream_drift.windows.trailing import TrailingSum, window_start_ms


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """What a detector needs to know of its monitor.

    Attributes
    ----------
    name
        Prefix of topics and groups.
    holding
        Topics whose partitions hold panes open: those that carry features or predictions.
    lateness_ms
        How long after it happened an event may come; the profilers' setting.
    windows
        (name, length in ms) of the trailing windows.
    joins_rows
        Whether all inputs name their events: sampled rows of one id are then one event.
    joint
        Whether a rule is trained that tells live rows from those of the reference.
    publish_scores
        Score every window of every pane; without it, only what a threshold asks for.
    """

    name: str
    monitor: str
    model_version: str | None
    holding: tuple[str, ...]
    lateness_ms: int
    windows: tuple[tuple[str, int], ...]
    thresholds: tuple[ThresholdSettings, ...]
    no_data_for_ms: int | None
    repeat_interval_ms: int
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    performance: PerformanceSettings = field(default_factory=PerformanceSettings)
    joins_rows: bool = True
    joint: bool = True
    publish_scores: bool = True


class Detector:
    """Turns log records into closed panes, scores and alerts; `apply` is the only way forward.

    The same records give the same effects, live, after a restart, in replay and in tests; only
    an alert's ``detected_at`` follows the append times.
    """

    def __init__(self, settings: DetectorSettings, reference: Reference) -> None:
        layout = reference.layout
        self.settings = settings
        self.reference = reference
        self.data = Intake(settings.holding, settings.lateness_ms, layout)
        self.labels = Intake(settings.performance.topics, settings.lateness_ms, layout)
        self.inputs, self.panes = self.data.inputs, self.data.panes
        self.rows = RowStore(layout.names, layout.pane_ms)
        self.first_pane_ms: int | None = None
        self.last_pane_end_ms: int | None = None
        self.thresholds = [ThresholdPolicy(entry) for entry in settings.thresholds]
        self.no_data = (
            None
            if settings.no_data_for_ms is None
            else NoDataPolicy(settings.no_data_for_ms, layout.pane_ms)
        )
        self.budget = BudgetPolicy(settings.budget, reference.profile)
        self.sums = {name: TrailingSum(ms, layout.size) for name, ms in settings.windows}
        self.performance = Performance(settings.performance, layout)
        self._scorer = Scorer(reference.profile)
        self.domain = DomainClassifier(
            reference if settings.joint else replace(reference, rows=None), settings.windows
        )
        info = ReferenceInfo(reference.id, reference.created_at, reference.n)
        self.book = IncidentBook(
            BookSettings(
                settings.name,
                settings.monitor,
                settings.model_version,
                settings.repeat_interval_ms,
                info,
            )
        )

    @property
    def baseline(self) -> BaselineState:
        """Stage of the baseline, and since when, as of the newest closed pane."""
        return self.budget.baseline_state(self.last_pane_end_ms or 0)

    @property
    def outlook(self) -> Outlook:
        """What the monitor can see at the volume of its longest window."""
        return self.budget.outlook(self.last_pane_end_ms or 0, self._events_per_pane())

    def _events_per_pane(self) -> float:
        if self.first_pane_ms is None or self.last_pane_end_ms is None or not self.sums:
            return 0.0
        longest = max(self.sums.values(), key=lambda total: total.window_ms)
        span_ms = min(longest.window_ms, self.last_pane_end_ms - self.first_pane_ms)
        return float(longest.total[0]) * self.reference.layout.pane_ms / span_ms

    @property
    def needs_from_ms(self) -> int:
        """Closed panes that start before this time feed nothing that is still to come."""
        end_ms = self.last_pane_end_ms or 0
        lengths = (self.reference.layout.pane_ms, *(ms for _, ms in self.settings.windows))
        return min(window_start_ms(end_ms, length) for length in lengths)

    def apply(self, record: LogRecord, append_time_ms: int) -> list[DetectorEffect]:
        """Advance by one record of the monitor's log."""
        match record:
            case Command():
                return [Publish(alert) for alert in self._obey(record, append_time_ms)]
            case _ if record.partition.topic in self.settings.performance.topics:
                moved = self.labels.take(record, append_time_ms)
            case _:
                moved = self.data.take(record, append_time_ms)
        return (
            [*self._close_panes(append_time_ms), *self._take_labels(append_time_ms)]
            if moved
            else []
        )

    def _close_panes(self, append_time_ms: int) -> list[DetectorEffect]:
        clock = self.inputs.clock_ms()
        if clock is None:
            return []
        effects: list[DetectorEffect] = []
        for start in self.panes.due(clock):
            effects += self._pass_time(start, append_time_ms)
            effects += self._close(start, append_time_ms)
        self.data.reach(clock)
        reached = clock - clock % self.reference.layout.pane_ms
        return [*effects, *self._pass_time(reached, append_time_ms)]

    def _take_labels(self, append_time_ms: int) -> Iterator[DetectorEffect]:
        """Labels have a clock of their own and hold no pane of predictions open."""
        clock, panes = self.labels.inputs.clock_ms(), self.labels.panes
        for start in panes.due(clock) if clock is not None else ():
            panes.close(start, self.labels.inputs.chains())
            rows = panes.rows.close(start, LABEL_NAMES, joined=False)
            yield from self.performance.close_labels(start, rows)
        panes.incomplete.clear()
        if clock is not None:
            self.labels.reach(clock)
        matured = self.performance.advance(panes.closed_until_ms, self.panes.closed_until_ms)
        yield from self._judged(matured, append_time_ms)

    def _judged(
        self, effects: Iterable[DetectorEffect], append_time_ms: int
    ) -> Iterator[DetectorEffect]:
        """Matured panes, and the alerts that follow from them."""
        for effect in effects:
            yield effect
            if isinstance(effect, PaneMatured):
                now_ms = max(effect.end_ms, self.book.now_ms)
                moment = Moment(now_ms, append_time_ms, baseline=self._baseline(now_ms))
                decisions = self.performance.judge(effect)
                yield from map(Publish, self.book.decide(decisions, moment) if decisions else ())

    def _pass_time(self, time_ms: int, append_time_ms: int) -> list[DetectorEffect]:
        """Event time has come to ``time_ms`` without another event before it."""
        decisions = [] if self.no_data is None else self.no_data.reach(time_ms)
        effects: list[DetectorEffect] = []
        for decision in decisions:
            moment = Moment(decision.pane_end_ms, append_time_ms)
            effects += [Publish(alert) for alert in self.book.decide([decision], moment)]
        return effects

    def _close(self, start_ms: int, append_time_ms: int) -> list[DetectorEffect]:
        end_ms = start_ms + self.reference.layout.pane_ms
        profile = self.panes.close(start_ms, self.inputs.chains())
        rows = self.panes.rows.close(
            start_ms, self.reference.layout.names, joined=self.settings.joins_rows
        )
        self.panes.closed_until_ms = end_ms
        if profile.events == 0:
            return []
        self.domain.close_pane(start_ms, end_ms, rows)
        hours = self.rows.push(start_ms, rows)
        if self.domain.wants_rows(end_ms):
            self.domain.learn(end_ms, self.rows.newest(MOST_ROWS))
        self.remember(start_ms, profile)
        budget = self.budget.close_pane(start_ms, profile)
        scores = self._scores(start_ms, end_ms, profile)
        decisions = [*self._decide(end_ms, scores), *budget]
        moment = self._moment(end_ms, append_time_ms, scores)
        alerts = self.book.decide(decisions, moment)
        closed = PaneClosed(start_ms, end_ms, profile, tuple(scores.values()), rows)
        keep = [KeepRows(hour, self.rows.hours[hour]) for hour in hours]
        matured = self._judged(self.performance.close_pane(start_ms, profile, rows), append_time_ms)
        return [closed, *keep, *(Publish(alert) for alert in alerts), *matured]

    def remember(self, start_ms: int, profile: Profile) -> None:
        """Add a closed pane to the trailing windows."""
        end_ms = start_ms + self.reference.layout.pane_ms
        if self.first_pane_ms is None:
            self.first_pane_ms = start_ms
        self.last_pane_end_ms = end_ms
        for total in self.sums.values():
            total.push(start_ms, end_ms, profile.additive)
        needed = self.needs_from_ms
        self.panes.incomplete = {start for start in self.panes.incomplete if start >= needed}

    def _scores(self, start_ms: int, end_ms: int, pane: Profile) -> dict[str, WindowScores]:
        wanted = {entry.window for entry in self.settings.thresholds}
        spans = {PANE_WINDOW: (start_ms, pane)}
        for name, length_ms in self.settings.windows:
            total = Profile.empty(pane.layout)
            total.additive[:] = self.sums[name].total
            spans[name] = (window_start_ms(end_ms, length_ms), total)
        found = {}
        for name, (window_start, profile) in spans.items():
            scored = self.settings.publish_scores or name in wanted
            lines = self._scorer.score(profile) if scored else []
            if name == PANE_WINDOW and scored:
                lines += [*self.domain.pane_lines(), *self._evidence_lines(profile.events)]
            elif scored:
                lines += self.domain.window_lines(name)
            found[name] = WindowScores(
                name,
                window_start,
                end_ms,
                profile,
                self._is_complete(window_start, start_ms),
                {(line.feature, line.score): line for line in lines},
            )
        return found

    def _evidence_lines(self, n_events: int) -> list[ScoreLine]:
        """Evidence as a share of the threshold: of every feature, and of all together."""
        return [
            ScoreLine(feature, EVIDENCE, share, share, "ok", n_events, None, None, None)
            for feature, share in self.budget.evidence().items()
        ]

    def _is_complete(self, window_start_ms: int, last_pane_ms: int) -> bool:
        if self.first_pane_ms is None or window_start_ms < self.first_pane_ms:
            return False
        return not any(window_start_ms <= s <= last_pane_ms for s in self.panes.incomplete)

    def _decide(self, end_ms: int, scores: dict[str, WindowScores]) -> list[Decision]:
        pane_ms = self.reference.layout.pane_ms
        decisions: list[Decision] = []
        if self.no_data is not None:
            decisions += self.no_data.close_pane(end_ms)
        for policy in self.thresholds:
            decisions += policy.close_pane(end_ms, pane_ms, scores)
        return decisions

    def _moment(self, end_ms: int, append_time_ms: int, scores: dict[str, WindowScores]) -> Moment:
        longest = next(reversed(list(self.sums.values())), None)
        learned = self.budget.has_baseline
        rows = RowSlices(self.rows, self.reference, learned) if self.rows.hours else None
        seen = BeforeAfter(self.reference.profile, learned, scores, longest, rows)
        return Moment(end_ms, append_time_ms, seen.show, self._baseline(end_ms))

    def _baseline(self, now_ms: int) -> BaselineInfo:
        state = self.budget.baseline_state(now_ms)
        return BaselineInfo(state.stage, iso(state.since_ms))

    def _obey(self, command: Command, append_time_ms: int) -> list[Alert]:
        """Do what an operator says; ``accept`` makes the present state of an incident normal."""
        if command.action != "accept":
            return self.book.obey(command, append_time_ms)
        now_ms, wanted = self.book.now_ms, command.arguments.get("incident")
        entries = [entry for entry, incident in self.book.open.items() if incident.id == wanted]
        decisions = [d for entry in entries for d in self.budget.accept(entry, now_ms)]
        if POLICY in entries and self.performance.policy is not None:
            decisions += self.performance.policy.accept(now_ms)
        moment = Moment(now_ms, append_time_ms, baseline=self._baseline(now_ms))
        return self.book.decide(decisions, moment)

    def feed(self, panes: Iterable[tuple[int, Profile]]) -> None:
        """Closed panes of before, oldest first: fills the trailing windows and nothing else."""
        for start_ms, profile in panes:
            self.remember(start_ms, profile)
