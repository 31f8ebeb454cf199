"""Whether anything can have opened on a clean stream, at a fraction of the detector's cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.baseline import Baseline
from stream_drift.detection.bets import temper
from stream_drift.detection.bettor import bet
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.decision import Decision
from stream_drift.detection.docket import BEREFT, Docket
from stream_drift.detection.evidence import LARGEST, Evidence
from stream_drift.detection.measure import Measured
from stream_drift.detection.model import Model
from stream_drift.detection.settings import DAY_MS, BudgetSettings
from stream_drift.profiles.profile import Profile

Array = NDArray[np.float64]
NEAR = 0.5
"""Half of what opens is near enough to look again with the detector itself."""


class Screen(BudgetPolicy):
    """The policy with its own models, but only the bets that its budget needs.

    It leaves out the detector of the smallest effect, bets in single precision, and does not bet
    where evidence would be forgotten. As long as it is never ``near``, the policy opens nothing
    once it has learned: both conditions that are looked at stay far away. What opens while a
    monitor is learning, on quality alone, is not looked for.
    """

    def __init__(self, settings: BudgetSettings, reference: Profile) -> None:
        super().__init__(settings, reference)
        self.near = False
        table = self.directions
        self._single = replace(
            table,
            cells=replace(table.cells, phi=_single(table.cells.phi)),
            lowest=_single(table.lowest),
            highest=_single(table.highest),
        )

    def close_pane(self, pane_start_ms: int, profile: Profile) -> tuple[Decision, ...]:
        """Take one closed pane; decides nothing but ``near``."""
        baseline, docket = self._started(pane_start_ms)
        if self._keeper.advance(baseline, pane_start_ms):
            self._forget(docket, pane_start_ms)
        if profile.events:
            self._screen(baseline, docket, pane_start_ms, profile)
        if baseline.stage != "learning":
            self._look_at(docket, self._eligible(baseline))
        return ()

    def _look_at(self, docket: Docket, weights: Array) -> None:
        limit = self.settings.threshold(self._pane_ms)
        if docket.evidence.share(weights).sum() >= NEAR * limit:
            bereft = docket.evidence.bereft_mixture(weights)
            self.near = self.near or bereft >= NEAR * min(limit, BEREFT)

    def _screen(self, baseline: Baseline, docket: Docket, start_ms: int, profile: Profile) -> None:
        model = baseline.model if baseline.trial is None else baseline.trial
        pane, measured = self._look([model], start_ms, profile)
        if baseline.stage != "learning" or baseline.trial is not None:
            logs, design = self._few_bets(model, pane, measured)
            if baseline.audit is not None:
                bets, weights = (logs, design, measured.n), self._armable(baseline)
                baseline.audit.add(bets, weights, measured.ready, start_ms // DAY_MS)
                design = design * baseline.model.factor
            if baseline.stage != "learning":  # without incidents the audited model is the one
                baseline.model.wander, baseline.model.weekend = replace(model.wander), model.weekend
                _add(docket.evidence, temper(logs, design, measured.n), measured.ready)
        means = measured.means - model.moved
        block, spread = self._keeper.block(start_ms), self._measure.spread(measured)
        baseline.clean.add(pane, block, means, measured.n, spread, measured.ready)

    def _few_bets(self, model: Model, pane: int, measured: Measured) -> tuple[Array, Array]:
        expected = model.predict(self.directions, pane, measured.n, measured.levels[0])
        tolerance = _single(expected.tolerance[:, :1])
        rough = replace(expected, centre=_single(expected.centre), tolerance=tolerance)
        tally = measured.tally
        tally = replace(
            tally,
            table=_single(tally.table),
            hits=_single(tally.hits),
            trials=_single(tally.trials),
        )
        logs = bet(self._single, tally, measured.means, rough)
        model.correct(pane, measured.means, expected, measured.ready)
        return logs, expected.design


def _single(values: Array) -> Array:
    return values.astype(np.float32)


def _add(evidence: Evidence, logs: Array, ready: NDArray[np.bool_]) -> None:
    factors = np.exp(logs[:, 0].astype(np.float32))
    factors[~ready] = 1
    more = ready[:, None, None].astype(np.float32)
    bereft = np.minimum((evidence.bereft + more) * factors, evidence.mixed + more)
    evidence.bereft = np.where(more > 0, bereft, evidence.bereft)
    evidence.mixed = np.minimum((evidence.mixed + more) * factors, np.float32(LARGEST))
