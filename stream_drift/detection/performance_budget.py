"""The `performance` policy: its part of the false-incident budget, bet on matured panes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.decision import (
    Budget,
    Changed,
    Decision,
    Diagnosis,
    Finding,
    Onset,
    Opened,
    Resolved,
)
from stream_drift.detection.performance_directions import (
    PerformanceDirections,
    performance_directions,
)
from stream_drift.detection.performance_findings import diagnosis, finding
from stream_drift.detection.performance_state import (
    Learning,
    Normal,
    PerformanceEpisode,
    PerformanceState,
    PerformanceWealth,
)
from stream_drift.detection.settings import DAY_MS
from stream_drift.detection.snapshot import freeze, thaw
from stream_drift.detection.strata import strata_of
from stream_drift.profiles.labelled import LabelledLayout

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
POLICY = "performance"
SHARE = 0.15
"""Of the budget."""
THETAS = np.array([0.05, 0.1, 0.2, 0.4])
"""Bets, in sd of a direction."""
SLACK = 0.3
"""Evidence begins at this share of the tolerance above what is normal."""
BASELINE_SE = 2.0
THIN = 20
"""Panes with fewer labels wait for the next."""
LEAST_LABELS, LEAST_PANES = 500, 10
LEAST_LABEL_SHARE = 0.5
FLOOR_EVIDENCE = BEREFT = 100.0
RECENT_PANES, RECENT_LABELS = 12, 500
LARGEST_HISTORY = 300
LEARNING_MS = 14 * DAY_MS
"""Where the configuration names no span."""
STALE_AFTER_MS = 14 * DAY_MS
_NEAR_BEST = 0.01
_LARGEST = 1e100


@dataclass(frozen=True, slots=True)
class PerformanceBudget:
    """What the user sets, and what follows from it.

    Attributes
    ----------
    false_incidents_per_30d
        Of the whole budget.
    threshold
        Of the evidence, for this part of the budget.
    learning_ms
        Span of the predictions from which is learned what is normal.
    """

    false_incidents_per_30d: float
    threshold: float
    learning_ms: int = LEARNING_MS
    positives_only: bool = False


@dataclass(slots=True)
class PerformancePolicy:
    """Learns what is normal, then bets; `close_pane` is the only way forward, but for `accept`."""

    settings: PerformanceBudget
    layout: LabelledLayout
    state: PerformanceState = field(default_factory=PerformanceState)
    table: PerformanceDirections = field(init=False)

    def __post_init__(self) -> None:
        """List the directions of the task."""
        only = self.settings.positives_only
        self.table = performance_directions(self.layout, positives_only=only)

    def close_pane(self, start_ms: int, end_ms: int, counts: Ints) -> tuple[Decision, ...]:
        """Take the next matured pane; what follows from it."""
        state = self.state
        n_predicted = int(counts[self.layout.slices["predicted"]].sum())
        n_labelled = int(counts[self.layout.slices["labelled"]].sum())
        if not n_labelled:
            return ()
        if state.normal is None:
            self._learn(start_ms, end_ms, counts, n_predicted)
            return ()
        if n_labelled < LEAST_LABEL_SHARE * state.normal.label_share * n_predicted:
            return ()
        total = counts if state.carried is None else state.carried + counts
        if total[self.layout.slices["labelled"]].sum() < THIN:
            state.carried = total
            return ()
        state.carried = None
        return self._judge(state.normal, start_ms, end_ms, total)

    def _learn(self, start_ms: int, end_ms: int, counts: Ints, n_predicted: int) -> None:
        learning = self.state.learning
        if learning is None:
            learning = self.state.learning = Learning(start_ms, self.layout.empty())
        learning.counts = learning.counts + counts
        learning.n_predicted += n_predicted
        n, sums, _ = self.table.sums(counts[self.layout.slices["labelled"]])
        learning.totals.append(n)
        learning.means.append(sums / np.maximum(n, 1))
        n_labels = int(learning.counts[self.layout.slices["labelled"]].sum())
        long_enough = end_ms - learning.since_ms >= self.settings.learning_ms
        if long_enough and n_labels >= LEAST_LABELS and len(learning.totals) >= LEAST_PANES:
            self.state.normal, self.state.learning = self._normal(learning), None
            self.state.wealth = self._no_wealth(end_ms)

    def _normal(self, learning: Learning) -> Normal:
        layout, counts = self.layout, learning.counts
        n, sums, squares = self.table.sums(counts[layout.slices["labelled"]])
        rate = sums / np.maximum(n, 1)
        least = 1 / np.maximum(n, 1)
        sd = np.sqrt(np.maximum(squares / np.maximum(n, 1) - rate**2, least))
        totals, means = np.array(learning.totals), np.array(learning.means)
        has_events = np.maximum((totals > 0).sum(axis=0), 1)
        dispersion = (totals * (means - rate) ** 2).sum(axis=0) / has_events / sd**2
        labelled, outside = layout.view(counts, "labelled"), layout.view(counts, "outside")
        share = float(counts[layout.slices["labelled"]].sum()) / max(learning.n_predicted, 1)
        strata = strata_of(layout, labelled, outside)
        return Normal(n, rate, sd, np.maximum(dispersion, 1.0), share, strata)

    def _no_wealth(self, at_ms: int) -> PerformanceWealth:
        return PerformanceWealth.none((len(self.table), len(THETAS)), at_ms)

    def _judge(
        self, normal: Normal, start_ms: int, end_ms: int, counts: Ints
    ) -> tuple[Decision, ...]:
        labelled = counts[self.layout.slices["labelled"]]
        n, sums, _ = self.table.sums(labelled)
        pane = np.stack([n, sums], axis=1)
        if normal.strata is not None:
            view = self.layout.view
            table = normal.strata.tabled(view(counts, "labelled"), view(counts, "outside"))
            self.state.history = [*self.state.history, (start_ms, table)][-LARGEST_HISTORY:]
        if self.state.episode is not None:
            return self._follow(self.state.episode, normal, end_ms, pane)
        self._bet(normal, start_ms, labelled, pane)
        return self._open(normal, end_ms)

    def _bet(self, normal: Normal, start_ms: int, labelled: Ints, pane: Array) -> None:
        wealth = self.state.wealth = self.state.wealth or self._no_wealth(start_ms)
        error = BASELINE_SE * normal.sd * np.sqrt(normal.dispersion / np.maximum(normal.n, 1))
        tolerance = self.table.tolerances(normal.rate)
        ready = (normal.n >= LEAST_LABELS / 5) & (pane[:, 0] > 0)
        gains = self._gains(normal, labelled, normal.rate + SLACK * tolerance + error)
        beyond = self._gains(normal, labelled, normal.rate + tolerance + error)
        fresh = wealth.recent <= 1
        mask = ready[:, None]
        wealth.since_ms = np.where(fresh & mask, start_ms, wealth.since_ms)
        kept = np.where(fresh[..., None], 0.0, wealth.totals)
        wealth.totals = np.where(mask[..., None], kept + pane[:, None, :], wealth.totals)
        recent = np.minimum(np.maximum(wealth.recent, 1) * gains, _LARGEST)
        wealth.recent = np.where(mask, recent, wealth.recent)
        bereft = np.minimum(wealth.bereft * gains + 1, wealth.mixed + 1)
        wealth.bereft = np.where(mask, bereft, wealth.bereft)
        wealth.mixed = np.where(
            mask, np.minimum((wealth.mixed + 1) * gains, _LARGEST), wealth.mixed
        )
        wealth.floor = np.where(
            mask, np.minimum((wealth.floor + 1) * beyond, _LARGEST), wealth.floor
        )

    def _gains(self, normal: Normal, labelled: Ints, null: Array) -> Array:
        """What every bet gains in a pane, tempered by the dispersion, shape (k, bets)."""
        table = self.table
        null = np.minimum(null, 1 - 1e-9)
        found = np.ones((len(table), len(THETAS)))
        seen = np.flatnonzero(labelled)
        counts, values, asked = labelled[seen], table.values[:, seen], table.asked[:, seen]
        for i, theta in enumerate(THETAS):
            bet = np.minimum(theta / normal.sd, 0.9 / null)
            logs = np.log1p(bet[:, None] * (values - null[:, None]))
            found[:, i] = np.exp(np.minimum((asked * logs) @ counts / normal.dispersion, 200.0))
        return found

    def _open(self, normal: Normal, end_ms: int) -> tuple[Decision, ...]:
        wealth = self.state.wealth
        if wealth is None:
            return ()
        evidence = float(self.table.weights @ wealth.mixed.mean(axis=1))
        bereft = float(self.table.weights @ wealth.bereft.mean(axis=1))
        beyond = wealth.floor.mean(axis=1) >= FLOOR_EVIDENCE
        threshold = self.settings.threshold
        if evidence < threshold or bereft < min(threshold, BEREFT) or not beyond.any():
            return ()
        order = np.argsort(-self.table.weights * wealth.mixed.mean(axis=1) * beyond, kind="stable")
        guilty = order[: beyond.sum()].tolist()
        episode = self._episode(wealth, guilty, end_ms, evidence)
        self.state.episode, self.state.wealth = episode, None
        onset = Onset(episode.onset_ms, episode.earliest_ms, episode.latest_ms)
        found, said = self._told(episode, normal)
        budget = self._budget(evidence)
        return (Opened(POLICY, POLICY, end_ms, found, onset, budget, diagnosis=said),)

    def _episode(
        self, wealth: PerformanceWealth, guilty: list[int], end_ms: int, evidence: float
    ) -> PerformanceEpisode:
        first = wealth.mixed[guilty[0]]
        best = int(first.argmax())
        near = wealth.since_ms[guilty[0]][first >= _NEAR_BEST * first[best]]
        totals = {i: wealth.totals[i, int(wealth.mixed[i].argmax())] for i in guilty}
        onset_ms = int(wealth.since_ms[guilty[0], best])
        return PerformanceEpisode(
            opened_ms=end_ms,
            onset_ms=onset_ms,
            earliest_ms=int(near.min()),
            latest_ms=int(near.max()),
            guilty=totals,
            opening={i: float(total[1] / total[0]) for i, total in totals.items()},
            evidence=evidence,
        )

    def _told(
        self, episode: PerformanceEpisode, normal: Normal
    ) -> tuple[tuple[Finding, ...], Diagnosis | None]:
        tables = [table for start, table in self.state.history if start >= episode.onset_ms]
        return (finding(self.table, normal, episode),), diagnosis(normal, tables)

    def _budget(self, evidence: float) -> Budget:
        settings = self.settings
        return Budget(
            settings.false_incidents_per_30d,
            promised=True,
            evidence=evidence,
            threshold=settings.threshold,
        )

    def _follow(
        self, episode: PerformanceEpisode, normal: Normal, end_ms: int, pane: Array
    ) -> tuple[Decision, ...]:
        episode.guilty = {i: total + pane[i] for i, total in episode.guilty.items()}
        episode.recent = [*episode.recent, pane][-RECENT_PANES:]
        if self._recovered(episode, normal):
            return (self._end(end_ms, "recovered"),)
        if end_ms - episode.opened_ms >= STALE_AFTER_MS:
            return (self._end(end_ms, "stale"),)
        found, said = self._told(episode, normal)
        onset = Onset(episode.onset_ms, episode.earliest_ms, episode.latest_ms)
        budget = self._budget(episode.evidence)
        return (Changed(POLICY, end_ms, found, onset, budget, diagnosis=said),)

    def _recovered(self, episode: PerformanceEpisode, normal: Normal) -> bool:
        """The last panes exclude half of the opening effect, and their mean is tolerable."""
        recent = np.sum(episode.recent, axis=0)
        if len(episode.recent) < RECENT_PANES or recent[0, 0] < RECENT_LABELS:
            return False
        tolerance = self.table.tolerances(normal.rate)
        for i, opening in episode.opening.items():
            n, total = recent[i]
            rise = total / max(n, 1.0) - normal.rate[i]
            half = 2 * normal.sd[i] * np.sqrt(normal.dispersion[i] / max(n, 1.0))
            if rise >= tolerance[i] or rise + half >= (opening - normal.rate[i]) / 2:
                return False
        return True

    def _end(self, end_ms: int, reason: str) -> Resolved:
        self.state.episode = None
        self.state.wealth = self._no_wealth(end_ms)
        return Resolved(POLICY, end_ms, reason)

    def accept(self, now_ms: int) -> tuple[Decision, ...]:
        """The present performance is normal from now on: learn it anew."""
        if self.state.episode is None:
            return ()
        self.state = PerformanceState()
        return (Resolved(POLICY, now_ms, "accepted"),)

    @property
    def evidence(self) -> float:
        """As a share of the threshold."""
        wealth = self.state.wealth
        if wealth is None:
            return 0.0
        return float(self.table.weights @ wealth.mixed.mean(axis=1)) / self.settings.threshold

    def snapshot(self) -> bytes:
        """The state, for a checkpoint."""
        return freeze([self.layout.identity, self.state])

    def restore(self, data: bytes) -> bool:
        """Take up a snapshot; says whether it is of the same task and classes."""
        identity, state = thaw(data)
        if identity != self.layout.identity:
            return False
        self.state = state
        return True
