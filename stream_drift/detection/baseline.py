"""From the first pane to an armed monitor: learn what is normal, audit it, say what lacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.audit import Audit, audit_limit
from stream_drift.detection.carry import carried
from stream_drift.detection.clean_panes import CleanPanes
from stream_drift.detection.directions import Directions
from stream_drift.detection.model import Model, least_design
from stream_drift.detection.newcomers import Newcomers
from stream_drift.detection.noise import Noise, estimate_noise
from stream_drift.detection.season import HOUR_MS, N_HOURS, Season, cell_of, estimate_season
from stream_drift.detection.settings import DAY_MS, BudgetSettings
from stream_drift.detection.trend import trending

Array = NDArray[np.float64]
Stage = Literal["learning", "provisional", "armed"]
STAGES: tuple[Stage, ...] = get_args(Stage)

ARMED_AFTER_MS = 21 * DAY_MS
WEEK_MS = 7 * DAY_MS
LEAST_BLOCKS = 60
"""Hours with events that a baseline needs, whatever the span."""
NOISE_BLOCKS = 336
"""Hours from which noise is learned where no baseline is wanted."""
CLEARLY_MORE = 1.5
"""Noise grows when a quiet week shows this many times what was learned; less is chance."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the baseline takes its steps, in event time (ms)."""

    calibrate_ms: int
    learned_ms: int
    armed_ms: int

    @classmethod
    def live(cls, start_ms: int, learning_ms: int) -> Schedule:
        """Learn for a while, then watch the model for half as long, at least until day 21."""
        return cls(
            start_ms + learning_ms * 2 // 3,
            start_ms + learning_ms,
            start_ms + max(learning_ms * 3 // 2, ARMED_AFTER_MS),
        )

    def calibrated_at(self, now_ms: int) -> Schedule:
        """The audit takes its full time, also where events were too few to begin as planned."""
        late = now_ms - self.calibrate_ms
        if now_ms < self.learned_ms:
            return self
        return Schedule(now_ms, self.learned_ms + late, max(self.armed_ms, self.learned_ms + late))

    @classmethod
    def of_history(cls, start_ms: int, end_ms: int) -> Schedule:
        """History is learned and audited at once."""
        return cls(start_ms + (end_ms - start_ms) * 2 // 3, end_ms, end_ms)


@dataclass(frozen=True, slots=True)
class BaselineState:
    """What the user sees of the baseline.

    Attributes
    ----------
    since_ms
        Start of the stage.
    reasons
        Why the monitor is not armed yet, or what its arming is worth.
    audit_factor
        How much noisier clean days were than their model.
    unarmable
        Feature and direction of what is not watched, with the reason.
    """

    stage: Stage
    since_ms: int
    reasons: tuple[str, ...]
    audit_factor: float
    unarmable: tuple[tuple[str, str, str], ...]


@dataclass(slots=True, eq=False)
class Baseline:
    """Stage, model in force, and what the next one is learned from.

    ``trial`` is the model under audit: the one of the first two thirds, then the model in force.
    ``newcomers`` are directions that joined later.
    """

    stage: Stage
    since_ms: int
    start_ms: int
    schedule: Schedule | None
    model: Model
    clean: CleanPanes
    trial: Model | None = None
    audit: Audit | None = None
    unarmable: dict[int, str] = field(default_factory=dict)
    week_ms: int = 0
    newcomers: Newcomers | None = None

    @classmethod
    def start(cls, directions: Directions, settings: BudgetSettings, at_ms: int) -> Baseline:
        """The state before the first pane."""
        model = Model.of_reference(directions)
        clean = CleanPanes(len(directions))
        if settings.learning_ms is None:
            return cls("provisional", at_ms, at_ms, None, model, clean, week_ms=at_ms)
        schedule = Schedule.live(at_ms, settings.learning_ms)
        return cls("learning", at_ms, at_ms, schedule, model, clean)


class BaselineKeeper:
    """Moves a baseline through its stages; holds settings, no state."""

    def __init__(self, directions: Directions, settings: BudgetSettings) -> None:
        self._directions = directions
        self._settings = settings
        self._pane_ms = directions.layout.pane_ms
        self._block_ms = max(self._pane_ms, HOUR_MS)
        kinds = sorted(set(directions.kinds))
        kind_of = {kind: i for i, kind in enumerate(kinds)}
        self._kinds = np.array([kind_of[kind] for kind in directions.kinds])
        self._limit = audit_limit(settings.threshold(self._pane_ms))

    def block(self, start_ms: int) -> int:
        """The hour, or the longer pane, that a pane belongs to."""
        return start_ms // self._block_ms

    def advance(self, baseline: Baseline, now_ms: int) -> bool:
        """Take the steps that are due at the start of a pane; whether the model changed."""
        if baseline.schedule is None:
            self._relearn_noise(baseline, now_ms)
            return False
        if baseline.stage == "learning":
            return self._learn(baseline, baseline.schedule, now_ms)
        if baseline.newcomers is not None and self._admit(baseline, baseline.newcomers, now_ms):
            return True
        if baseline.stage == "provisional":
            return self._arm(baseline, baseline.schedule, now_ms)
        self._grow_weekly(baseline, now_ms)
        return False

    def _learn(self, baseline: Baseline, schedule: Schedule, now_ms: int) -> bool:
        enough = len(baseline.clean.blocks) >= LEAST_BLOCKS
        if baseline.trial is None and now_ms >= schedule.calibrate_ms and enough:
            baseline.trial = self._estimate(baseline.clean, baseline.model.moved, self._kinds)
            baseline.audit = Audit.start(len(self._directions), now_ms // DAY_MS)
            schedule = baseline.schedule = schedule.calibrated_at(now_ms)
        if now_ms < schedule.learned_ms or baseline.trial is None or baseline.audit is None:
            return False
        baseline.model = self._estimate(baseline.clean, baseline.model.moved, self._kinds)
        baseline.model.factor = baseline.audit.factor(self._limit)
        baseline.trial = replace(baseline.model, factor=1.0)
        baseline.unarmable = self._unarmable(baseline.clean, baseline.model)
        if baseline.newcomers is not None:
            baseline.unarmable.update(baseline.newcomers.unarmable)
        baseline.stage, baseline.since_ms = "provisional", now_ms
        self._arm(baseline, schedule, now_ms)
        return True

    def end_learning(self, baseline: Baseline, now_ms: int) -> None:
        """History is over: what has not become a baseline by now is judged by the reference."""
        if baseline.stage == "learning":
            baseline.stage, baseline.since_ms, baseline.week_ms = "provisional", now_ms, 0
            baseline.schedule = baseline.trial = baseline.audit = None

    def _arm(self, baseline: Baseline, schedule: Schedule, now_ms: int) -> bool:
        audit = baseline.audit
        if audit is None:
            return False
        baseline.model.factor = max(baseline.model.factor, audit.factor(self._limit))
        if now_ms >= schedule.armed_ms:
            baseline.stage, baseline.since_ms, baseline.week_ms = "armed", now_ms, now_ms
            baseline.trial = baseline.audit = None
            baseline.clean = CleanPanes(len(self._directions))
        return False

    def _admit(self, baseline: Baseline, new: Newcomers, now_ms: int) -> bool:
        """Take on directions that are learned by now; the audit of the whole begins anew."""
        since_ms = new.since_ms = now_ms if new.since_ms is None else new.since_ms
        gone_ms, span_ms = now_ms - since_ms, self._settings.learning_ms or 0
        if gone_ms < span_ms or len(new.clean.blocks) < LEAST_BLOCKS:
            return False
        model = baseline.model
        learned = self._estimate(new.clean, 0 * model.moved, np.where(new.who, self._kinds, -1))
        places = np.where(new.who, np.arange(len(new.who)), -1)
        baseline.model = replace(
            carried(learned, model, places), factor=model.factor, weekend=model.weekend
        )
        baseline.trial = replace(baseline.model, factor=1.0)
        baseline.audit = Audit.start(len(self._directions), now_ms // DAY_MS)
        found = self._unarmable(new.clean, baseline.model)
        kept = {i: why for i, why in baseline.unarmable.items() if not new.who[i]}
        baseline.unarmable = kept | {i: why for i, why in found.items() if new.who[i]}
        baseline.schedule = Schedule(now_ms, now_ms, now_ms + span_ms // 2)
        baseline.stage, baseline.since_ms, baseline.newcomers = "provisional", now_ms, None
        return True

    def _cells(self, clean: CleanPanes) -> NDArray[np.int64]:
        middles = [(block + 0.5) * self._block_ms for block in clean.blocks]
        return np.array([cell_of(middle, self._settings.zone) for middle in middles], np.int64)

    def _estimate(self, clean: CleanPanes, moved: Array, kinds: NDArray[np.int64]) -> Model:
        cells = self._cells(clean)
        season = estimate_season(clean.table, cells, clean.blocks)
        noise = estimate_noise(clean, season, cells, kinds)
        return Model.learned(season, noise, clean.panes, moved, self._directions.quality)

    def _unarmable(self, clean: CleanPanes, model: Model) -> dict[int, str]:
        cells = self._cells(clean)
        rest = clean.table - model.season.pattern[cells]
        days = np.array(clean.blocks) * self._block_ms // DAY_MS
        moved = trending(rest, days, cells >= N_HOURS, self._directions.floors)
        few = np.isfinite(clean.table).sum(axis=0) < LEAST_BLOCKS
        reasons = {int(i): "trending" for i in np.flatnonzero(moved)}
        reasons.update({int(i): "too few events" for i in np.flatnonzero(few)})
        return reasons

    def _relearn_noise(self, baseline: Baseline, now_ms: int) -> None:
        """Noise around the reference, where no baseline is wanted; learned once, then it grows."""
        clean, model = baseline.clean, baseline.model
        if now_ms - baseline.week_ms < DAY_MS or len(clean.blocks) < LEAST_BLOCKS / 3:
            return
        baseline.week_ms = now_ms
        cells, full = self._cells(clean), len(clean.blocks) >= NOISE_BLOCKS
        known = np.maximum(np.isfinite(clean.table).sum(axis=0), 1)
        level = np.nansum(clean.table, axis=0) / known
        found = estimate_noise(clean, Season.flat(level), cells, self._kinds)
        reference = Noise.of_reference(self._directions.spread, self._directions.reference_n)
        found = replace(found, slack=np.maximum(reference.slack, found.slack))
        if not model.panes.any():
            model.noise = found
        elif full:
            model.noise = model.noise.grown(found, np.ones(len(self._directions), bool))
        if full:
            model.panes = clean.panes.copy()
            model.least_design = least_design(self._directions.quality)
            baseline.clean = CleanPanes(len(self._directions))

    def _grow_weekly(self, baseline: Baseline, now_ms: int) -> None:
        """Raise noise that a quiet week shows to be clearly larger; the centre stays."""
        if now_ms - baseline.week_ms < WEEK_MS:
            return
        clean, model = baseline.clean, baseline.model
        baseline.week_ms, baseline.clean = now_ms, CleanPanes(len(self._directions))
        if len(clean.blocks) < LEAST_BLOCKS:
            return
        cells = self._cells(clean)
        rest = clean.table - model.season.levels[cells]
        known = np.maximum(np.isfinite(rest).sum(axis=0), 1)
        levels = model.season.levels + np.nansum(rest, axis=0) / known
        found = estimate_noise(clean, replace(model.season, levels=levels), cells, self._kinds)
        more = (found.within > CLEARLY_MORE * model.factor * model.noise.within) | (
            found.long_run > CLEARLY_MORE**2 * model.factor * model.noise.long_run
        )
        model.noise = model.noise.grown(found, more)

    def state(self, baseline: Baseline, now_ms: int, name: Callable[[int], str]) -> BaselineState:
        """What to show; ``name`` tells the feature of a direction."""
        unarmable = tuple(
            (name(i), self._directions.kinds[i], reason)
            for i, reason in sorted(baseline.unarmable.items())
        )
        return BaselineState(
            baseline.stage,
            baseline.since_ms,
            tuple(self._reasons(baseline, now_ms)),
            baseline.model.factor,
            unarmable,
        )

    def _reasons(self, baseline: Baseline, now_ms: int) -> list[str]:
        schedule = baseline.schedule
        if schedule is None:
            return ["no baseline: the centre is the reference, no budget is promised"]
        gone = (now_ms - baseline.start_ms) / DAY_MS
        found = []
        if baseline.stage == "learning":
            span = (schedule.learned_ms - baseline.start_ms) / DAY_MS
            found.append(f"learning: {min(gone, span):.1f} of {span:.1f} days")
            if len(baseline.clean.blocks) < LEAST_BLOCKS:
                found.append(f"events in {len(baseline.clean.blocks)} of {LEAST_BLOCKS} hours")
        elif baseline.stage == "provisional":
            span = (schedule.armed_ms - baseline.start_ms) / DAY_MS
            found.append(f"audit: {gone:.1f} of {span:.1f} days")
        elif schedule.learned_ms - baseline.start_ms < 14 * DAY_MS:
            span = (schedule.learned_ms - baseline.start_ms) / DAY_MS
            found.append(f"learned from {span:.1f} days: under 14, weekends are a guess")
        if baseline.newcomers is not None:
            gone = (now_ms - (baseline.newcomers.since_ms or now_ms)) / DAY_MS
            span = (self._settings.learning_ms or 0) / DAY_MS
            found.append(f"new features are learned: {min(gone, span):.1f} of {span:.1f} days")
        return found
