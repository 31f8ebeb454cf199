"""Opening, following and closing incidents on the evidence: the life of `budget` incidents."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.decision import Budget, Changed, Decision, Opened, Resolved
from stream_drift.detection.directions import Directions
from stream_drift.detection.episode import LARGEST_SLICE, N_SLICES, Episode, Guilt
from stream_drift.detection.evidence import Evidence
from stream_drift.detection.findings import band, findings, onset
from stream_drift.detection.model import Model
from stream_drift.detection.settings import BudgetSettings

Array = NDArray[np.float64]
POLICY = "budget"
FLOOR_EVIDENCE = 100.0
"""Evidence beyond the smallest effect that makes a change worth an incident; not budgeted."""
BEREFT = 100.0
_NEAR_BEST = 0.01


@dataclass(slots=True, eq=False)
class Docket:
    """Open incidents and the evidence that opens them."""

    evidence: Evidence
    episodes: list[Episode] = field(default_factory=list)


class Clerk:
    """Applies the rules of opening and closing to a docket; holds settings, no state."""

    def __init__(self, directions: Directions, settings: BudgetSettings) -> None:
        self._directions = directions
        self._settings = settings
        self.threshold = settings.threshold(directions.layout.pane_ms)

    def hidden(self, docket: Docket) -> NDArray[np.bool_]:
        """Directions that open incidents stand for: alike ones of the same feature."""
        table = self._directions
        found = np.zeros(len(table), bool)
        for episode in docket.episodes:
            found |= self.covered(episode)
        return found

    def covered(self, episode: Episode) -> NDArray[np.bool_]:
        """Directions that one incident stands for, and the pairs of its features."""
        table = self._directions
        found = np.zeros(len(table), bool)
        for i in episode.guilty:
            if i < table.first_pair or i == table.volume:
                alike = (table.features == table.features[i]) & (table.quality == table.quality[i])
                found[: table.first_pair] |= alike[: table.first_pair]
                found[-1] |= alike[-1]
        found |= table.touching(self._named_by(episode))
        found[table.together] = not table.quality[list(episode.guilty)].all()
        return found

    def _named_by(self, episode: Episode) -> set[int]:
        """The features that an incident names; -1 for the model."""
        table, guilty = self._directions, list(episode.guilty)
        return set(table.features[guilty].tolist()) | set(table.partners[guilty].tolist())

    def open(
        self, docket: Docket, model: Model, weights: Array, end_ms: int, *, promised: bool
    ) -> list[Decision]:
        """Open an incident if the evidence is there.

        Three conditions: the mixture reaches the threshold; it would do so, or reach 100, without
        the best pane of each bet; and some direction moved beyond its smallest effect.
        """
        evidence = docket.evidence
        total = float(evidence.share(weights).sum())
        if total < self.threshold:
            return []
        if evidence.bereft_mixture(weights) < min(self.threshold, BEREFT):
            return []
        beyond = (evidence.beyond_floor() >= FLOOR_EVIDENCE) & (weights > 0)
        if not beyond.any():
            return []
        if beyond[: self._directions.volume].sum() > 1:
            beyond[self._directions.together] = False  # single features say more
        order = np.argsort(-evidence.share(weights) * beyond, kind="stable")[: beyond.sum()]
        guilty = {int(i): self._accuse(evidence, int(i), model) for i in order}
        fresh = np.zeros_like(evidence.mixed)
        first = docket.episodes[0].entry if docket.episodes else None
        entry = f"{POLICY}@{end_ms}" if first else POLICY
        totals = evidence.since_onset()
        episode = Episode(entry, end_ms, guilty, fresh, totals, total, promised, first)
        docket.episodes.append(episode)
        evidence.clear_budget()
        found = findings(episode, self._directions, model, self._settings)
        episode.band = band(found)
        return [Opened(entry, POLICY, end_ms, found, onset(episode), self.budget(episode), first)]

    def _accuse(self, evidence: Evidence, i: int, model: Model) -> Guilt:
        mixed = evidence.mixed[i]
        side = int(evidence.floor[i].sum(axis=1).argmax())
        best = int(mixed[side].argmax())
        since = evidence.since[i, side, best].astype(float)
        near = evidence.zero_ms[i, side][mixed[side] >= _NEAR_BEST * mixed[side, best]]
        guilt = Guilt(
            direction=i,
            side=side,
            since=since,
            onset_ms=int(evidence.zero_ms[i, side, best]),
            earliest_ms=int(near.min()),
            latest_ms=int(near.max()),
            opening=0.0,
            slice_panes=1,
        )
        guilt.opening = guilt.effect
        guilt.slice_panes = self._slice_panes(guilt, model)
        return guilt

    def _slice_panes(self, guilt: Guilt, model: Model) -> int:
        """So many panes that the window tells half of the opening effect from none."""
        per_pane = guilt.since[0] / max(guilt.since[2], 1.0)
        for panes in range(1, LARGEST_SLICE):
            window = float(N_SLICES * panes)
            variance = model.variance_of_mean(np.array(window), np.array(window * per_pane))
            if 4 * np.sqrt(variance[guilt.direction]) <= abs(guilt.opening) / 2:
                return panes
        return LARGEST_SLICE

    def follow(self, docket: Docket, model: Model, weights: Array, end_ms: int) -> list[Decision]:
        """After a pane: who joins, who is confirmed, and what is over."""
        decisions: list[Decision] = []
        for episode in list(docket.episodes):
            reason = self._over(episode, model, end_ms)
            if reason:
                decisions.append(self.close(docket, episode, end_ms, reason))
            else:
                decisions += self._change(docket, episode, model, weights, end_ms)
        return decisions

    def _over(self, episode: Episode, model: Model, end_ms: int) -> str | None:
        if all(self._recovered(guilt, model) for guilt in episode.guilty.values()):
            return "recovered"
        return "stale" if episode.is_stale(end_ms) else None

    def _recovered(self, guilt: Guilt, model: Model) -> bool:
        """The last panes exclude half of the opening effect, and their mean is under the floor."""
        window = guilt.window
        if window is None:
            return False
        mean = window[1] / max(window[0], 1.0)
        variance = model.variance_of_mean(window[2], window[0])[guilt.direction]
        side = -1.0 if guilt.opening < 0 else 1.0
        under = abs(mean) < self._directions.floors[guilt.direction]
        return bool(under and side * mean + 2 * np.sqrt(variance) < abs(guilt.opening) / 2)

    def close(self, docket: Docket, episode: Episode, end_ms: int, reason: str) -> Resolved:
        """End an incident; its directions start without evidence."""
        before = self.hidden(docket)
        docket.episodes.remove(episode)
        docket.evidence.clear(before & ~self.hidden(docket), end_ms)
        return Resolved(episode.entry, end_ms, reason)

    def _change(
        self, docket: Docket, episode: Episode, model: Model, weights: Array, end_ms: int
    ) -> list[Decision]:
        named = self._named(episode)
        if episode is docket.episodes[0]:
            self._join(docket, episode, model, weights)
        table = self._directions
        episode.confirm(table.by_feature, table.weights, self._named_by(episode))
        found = findings(episode, table, model, self._settings)
        if self._named(episode) == named and band(found) <= episode.band:
            return []
        episode.band = max(episode.band, band(found))
        return [Changed(episode.entry, end_ms, found, onset(episode), self.budget(episode))]

    def _named(self, episode: Episode) -> tuple[set[int], set[int]]:
        return self._named_by(episode), set(episode.confirmed)

    def _join(self, docket: Docket, episode: Episode, model: Model, weights: Array) -> None:
        """Directions that began to move before the incident opened belong to it."""
        evidence = docket.evidence
        beyond = (evidence.beyond_floor() >= FLOOR_EVIDENCE) & (weights > 0)
        taken = {i for other in docket.episodes for i in other.guilty}
        taken |= set(self._directions.together.tolist())
        for i in np.flatnonzero(beyond).tolist():
            if i in taken:
                continue
            guilt = self._accuse(evidence, i, model)
            if guilt.onset_ms < episode.opened_ms:
                episode.guilty[i] = guilt

    def budget(self, episode: Episode) -> Budget:
        """What stands behind an incident."""
        return Budget(
            self._settings.false_incidents_per_30d,
            episode.promised,
            episode.evidence,
            self.threshold,
        )
