"""The `budget` policy: at most so many expected false incidents per 30 days, over everything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.baseline import Baseline, BaselineKeeper, BaselineState, Schedule
from stream_drift.detection.bets import temper
from stream_drift.detection.bettor import bet
from stream_drift.detection.carry import places_of
from stream_drift.detection.contrast import Contrast, inverse_correlations
from stream_drift.detection.decision import Decision, Finding
from stream_drift.detection.directions import Directions, direction_table
from stream_drift.detection.docket import Clerk, Docket
from stream_drift.detection.evidence import Evidence
from stream_drift.detection.findings import findings
from stream_drift.detection.forecast import Offset, expected_panes, standing_offsets
from stream_drift.detection.legendre import N_SHAPES
from stream_drift.detection.measure import Measure, Measured, Tally
from stream_drift.detection.model import Model
from stream_drift.detection.outlook import SHIFTS, Outlook
from stream_drift.detection.season import is_weekend
from stream_drift.detection.settings import DAY_MS, BudgetSettings
from stream_drift.detection.snapshot import freeze, thaw
from stream_drift.detection.transfer import Frame, carried_baseline, carried_docket
from stream_drift.profiles.profile import Profile

Array = NDArray[np.float64]


class BudgetPolicy:
    """Evidence over all directions of one monitor; fed with closed panes in order of time.

    ``close_pane`` is the only way that state changes, but for the operator's `accept`. No clock
    and no chance: the same panes give the same decisions.

    Parameters
    ----------
    settings
        What the user may set.
    reference
        The reference's counts on the monitor's layout.
    """

    def __init__(self, settings: BudgetSettings, reference: Profile) -> None:
        self.settings = settings
        self.directions = direction_table(reference, settings)
        self._measure = Measure(self.directions)
        self._keeper = BaselineKeeper(self.directions, settings)
        self._clerk = Clerk(self.directions, settings)
        self._identity = self.directions.identity()
        self._pane_ms = reference.layout.pane_ms
        self.baseline: Baseline | None = None
        self.docket: Docket | None = None
        self.pending: Tally | None = None
        self.contrast = Contrast.start(self.directions.pairs)
        self._inverse = inverse_correlations(self.directions.pairs)
        self.history: tuple[int, int] | None = None

    def learn_history(self, panes: Iterable[tuple[int, Profile]], span: tuple[int, int]) -> None:
        """Learn and audit the baseline from past panes at once, and arm.

        History with events in fewer hours than a baseline needs is compared with the reference
        from its end on, as without learning, and nothing is promised.

        Parameters
        ----------
        panes
            Start (ms) and profile of each pane, in order of time.
        span
            Start of the first and end of the last pane.
        """
        self.history = span
        for start_ms, profile in panes:
            self.close_pane(start_ms, profile)
        if self.baseline is not None and self.docket is not None:
            self._keeper.advance(self.baseline, span[1])
            self._keeper.end_learning(self.baseline, span[1])
            self._forget(self.docket, span[1])
        self.history = None

    def close_pane(self, pane_start_ms: int, profile: Profile) -> tuple[Decision, ...]:
        """Take one closed pane; what follows from it.

        A pane without events says nothing: it only lets time pass.
        """
        baseline, docket = self._started(pane_start_ms)
        if self._keeper.advance(baseline, pane_start_ms):
            self._forget(docket, pane_start_ms)
        end_ms = pane_start_ms + self._pane_ms
        if profile.events:
            self._take(baseline, docket, pane_start_ms, profile)
        if self.history is not None:
            return ()
        weights = self._weights(baseline, docket)
        promised = baseline.stage == "armed"
        opened = self._clerk.open(docket, baseline.model, weights, end_ms, promised=promised)
        if opened and baseline.audit is not None:
            baseline.audit.discard()
        weights = self._weights(baseline, docket)
        return (*opened, *self._clerk.follow(docket, baseline.model, weights, end_ms))

    def _started(self, at_ms: int) -> tuple[Baseline, Docket]:
        if self.baseline is None or self.docket is None:
            self.baseline = Baseline.start(self.directions, self.settings, at_ms)
            if self.history is not None:
                self.baseline.schedule = Schedule.of_history(*self.history)
            self.docket = Docket(Evidence.start(len(self.directions), at_ms))
        return self.baseline, self.docket

    def _forget(self, docket: Docket, at_ms: int) -> None:
        """The model changed: evidence against the old one is void."""
        self.pending = None
        docket.evidence.clear(np.ones(len(self.directions), bool), at_ms)

    def _weights(self, baseline: Baseline, docket: Docket) -> Array:
        return self._eligible(baseline) * ~self._clerk.hidden(docket)

    def _armable(self, baseline: Baseline) -> Array:
        weights = self.directions.weights.copy()
        weights[list(baseline.unarmable)] = 0
        return weights

    def _eligible(self, baseline: Baseline) -> Array:
        weights = self._armable(baseline)
        if baseline.stage == "learning" or baseline.schedule is None:
            weights[self.directions.volume] = 0  # a reference knows nothing of volume
        if baseline.stage == "learning":
            weights[~self.directions.quality] = 0
        return weights

    def _take(self, baseline: Baseline, docket: Docket, start_ms: int, profile: Profile) -> None:
        """Bet on a pane with events, then learn from it."""
        trial = baseline.trial
        models = [baseline.model] if trial is None else [baseline.model, trial]
        pane, measured = self._look(models, start_ms, profile)
        quiet = measured.ready & ~self._clerk.hidden(docket)
        if trial is not None and baseline.audit is not None:
            logs, design = self._bet(trial, pane, measured, measured.levels[1], quiet)
            weights = self._armable(baseline)
            baseline.audit.add((logs, design, measured.n), weights, quiet, start_ms // DAY_MS)
        level = measured.levels[0]
        logs, design = self._bet(baseline.model, pane, measured, level, measured.ready)
        logs = temper(logs, design, measured.n)
        sums = measured.sums(level)
        docket.evidence.add(logs, measured.ready, sums, start_ms + self._pane_ms)
        for episode in docket.episodes:
            episode.add(logs, measured.ready, sums)
        spread = self._measure.spread(measured)
        block = self._keeper.block(start_ms)
        means = measured.means - baseline.model.moved
        baseline.clean.add(pane, block, means, measured.n, spread, quiet)
        new = baseline.newcomers
        if new is not None:
            new.clean.add(pane, block, means, measured.n, spread, measured.ready & new.who)

    def _look(self, models: list[Model], start_ms: int, profile: Profile) -> tuple[int, Measured]:
        """The pane's index, and what it shows together with thin panes before it."""
        zone = self.settings.zone
        weekend = is_weekend(start_ms, self._pane_ms, zone)
        for model in models:
            model.enter(weekend=weekend)
        season = [model.season.at(start_ms, self._pane_ms, zone) + model.moved for model in models]
        tally = self._measure.tally(profile, np.array(season))
        if self.pending is not None and len(self.pending.season) == len(models):
            tally = tally.plus(self.pending)
        measured = self._measure.means(tally)
        self.pending = self._measure.thin(measured)
        return start_ms // self._pane_ms, self._contrasted(measured)

    def _contrasted(self, measured: Measured) -> Measured:
        """With the mean of all numbers together, by the rule of the panes before."""
        table, members = self.directions, self.directions.pairs.members
        if not len(members):
            return measured
        places = N_SHAPES * members
        locations = np.where(measured.ready[places], measured.means[places], np.nan)
        means, ready = measured.means.copy(), measured.ready.copy()
        means[table.together] = self.contrast.value(locations, self._inverse)
        ready[table.together] &= self.contrast.is_ready
        self.contrast.add(locations, self._pane_ms)
        return replace(measured, means=means, ready=ready)

    def _bet(
        self,
        model: Model,
        pane: int,
        measured: Measured,
        level: Array,
        seen: NDArray[np.bool_],
    ) -> tuple[Array, Array]:
        """Log wealth of all bets and the design effects to temper them by."""
        expected = model.predict(self.directions, pane, measured.n, level)
        logs = bet(self.directions, measured.tally, measured.means, expected)
        model.correct(pane, measured.means, expected, seen)
        return logs, expected.design

    def accept(self, entry: str, at_ms: int) -> tuple[Decision, ...]:
        """The new state is normal: centres of the guilty directions move, noise stays.

        Unknown entries are nothing to accept.
        """
        if self.baseline is None or self.docket is None:
            return ()
        found = [episode for episode in self.docket.episodes if episode.entry == entry]
        if found:
            self.contrast.settle()
        for episode in found:
            sums = episode.totals.copy()
            for i, guilt in episode.guilty.items():
                sums[i] = guilt.since
            covered = self._clerk.covered(episode)
            covered[self.directions.together] = False
            for model in (self.baseline.model, self.baseline.trial):
                if model is not None:
                    model.move(covered, sums)
        return tuple(
            self._clerk.close(self.docket, episode, at_ms, "accepted") for episode in found
        )

    def findings(self, entry: str) -> tuple[Finding, ...]:
        """An open incident's findings as of the last pane; none for an unknown one."""
        if self.baseline is None or self.docket is None:
            return ()
        for episode in self.docket.episodes:
            if episode.entry == entry:
                return findings(episode, self.directions, self.baseline.model, self.settings)
        return ()

    @property
    def has_baseline(self) -> bool:
        """Whether changes are judged against what was learned live, not against the reference."""
        baseline = self.baseline
        return (
            baseline is not None and baseline.schedule is not None and baseline.stage != "learning"
        )

    @property
    def entries(self) -> frozenset[str]:
        """The incidents that are open."""
        episodes = [] if self.docket is None else self.docket.episodes
        return frozenset(episode.entry for episode in episodes)

    def evidence(self) -> dict[str | None, float]:
        """Evidence as a share of the threshold, per feature, and in total under ``None``."""
        table: Directions = self.directions
        if self.baseline is None or self.docket is None:
            return dict.fromkeys([None, *table.layout.names], 0.0)
        weights = self._weights(self.baseline, self.docket)
        shares = self.docket.evidence.share(weights) / self._clerk.threshold
        of_feature = table.by_feature(shares)
        names: list[str | None] = [None, *table.layout.names]
        return dict(zip(names, [float(shares.sum()), *of_feature[1:].tolist()], strict=True))

    def expected_delay_ms(self, shift_sd: float, events_per_pane: float) -> int | None:
        """When a lasting shift of one number's mean would be found at a volume; ``None``: never."""
        if self.baseline is None or events_per_pane <= 0:
            return None
        panes = expected_panes(
            self.directions, self.baseline.model, self._clerk.threshold, events_per_pane, shift_sd
        )
        return None if panes is None else int(panes * self._pane_ms)

    def standing_offsets(self) -> tuple[Offset, ...]:
        """The live baseline against the reference; empty while there is none."""
        if self.baseline is None or self.baseline.stage == "learning":
            return ()
        return standing_offsets(self.directions, self.baseline.model, self.baseline.model.panes)

    def outlook(self, now_ms: int, events_per_pane: float) -> Outlook:
        """What the monitor can see at a volume."""
        delays = [(shift, self.expected_delay_ms(shift, events_per_pane)) for shift in SHIFTS]
        return Outlook(
            self.baseline_state(now_ms), events_per_pane, tuple(delays), self.standing_offsets()
        )

    def snapshot(self) -> bytes:
        """The state; `restore` of it continues as if nothing had happened."""
        frame = Frame.of(self.directions)
        state = [self._identity, self.baseline, self.docket, self.pending, frame, self.contrast]
        return freeze(state)

    def restore(self, data: bytes) -> bool:
        """Take over a state; False (and nothing changes) if it is of no feature watched here.

        Directions that stand in both tables keep what was learned and what is going on; new ones
        open nothing until they have been learned by themselves.
        """
        identity, baseline, docket, pending, frame, *more = thaw(data)
        if identity == self._identity:
            self.contrast = more[0] if more else self.contrast
            self.baseline, self.docket, self.pending = baseline, docket, pending
            return True
        places = places_of(self.directions.identities(), frame.identities)
        if baseline is None or not ((places >= 0) & ~self.directions.quality).any():
            return False
        fresh, empty = self._started(baseline.start_ms)
        self.baseline = carried_baseline(baseline, fresh, places)
        self.docket = carried_docket(docket, empty, frame, self.directions)
        return True

    def baseline_state(self, now_ms: int) -> BaselineState:
        """Stage of the baseline, and why it is not armed yet."""
        baseline = self.baseline or Baseline.start(self.directions, self.settings, now_ms)
        return self._keeper.state(
            baseline, now_ms, lambda i: self.directions.feature_name(i) or "volume"
        )
