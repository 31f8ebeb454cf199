"""The same detector over the same panes, again and again: once clean, then once for every shift."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from stream_drift.detection.baseline import BaselineState
from stream_drift.engine.checkpoint import encode_checkpoint, restore_checkpoint
from stream_drift.engine.detector import Detector, DetectorSettings
from stream_drift.engine.effects import Publish
from stream_drift.events.record import PartitionId
from stream_drift.incidents.alert import Alert
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import Reference
from stream_drift.windows.log import Progress, Snapshot

BUDGET = "budget"
Pane = tuple[int, Profile]
"""Start (ms) and profile of a closed pane."""

_LOG = PartitionId("history", "backtest", 0)
_HOUR_MS = 3_600_000
_Names = set[str | None]


@dataclass(frozen=True, slots=True)
class History:
    """Closed panes, oldest first: before ``split`` to learn from, shifts from ``onset`` on."""

    panes: Sequence[Pane]
    split: int
    onset: int

    @property
    def learned(self) -> Sequence[Pane]:
        """What the baseline learns from."""
        return self.panes[: self.split]

    @property
    def before_onset(self) -> Sequence[Pane]:
        """The clean panes of the test part before the onset."""
        return self.panes[self.split : self.onset]

    @property
    def after_onset(self) -> Sequence[Pane]:
        """The panes that shifts alter."""
        return self.panes[self.onset :]


class Trial:
    """Learns once and runs the clean test part once, up to the onset for all that follows.

    Attributes
    ----------
    baseline
        Its state where the test part begins.
    incidents
        Opened on the whole clean test part, by policy.
    """

    def __init__(self, settings: DetectorSettings, reference: Reference, history: History) -> None:
        self._settings = replace(
            settings, holding=(_LOG.topic,), publish_scores=False, no_data_for_ms=None
        )
        self._reference = reference
        self._pane_ms = reference.layout.pane_ms
        self._history = history
        self.policies = (BUDGET, *dict.fromkeys(t.policy for t in settings.thresholds))
        detector = self._taught()
        self.baseline: BaselineState = detector.budget.baseline_state(
            history.panes[history.split][0]
        )
        self.incidents: Tally[str] = Tally()
        self._count(self._alerts(detector, history.before_onset))
        self._checkpoint = encode_checkpoint(detector)
        self._named = self._named_now(detector)
        self._count(self._alerts(detector, history.after_onset))

    def _taught(self) -> Detector:
        """A detector with the learned baseline and full windows; without learning, neither."""
        detector = Detector(self._settings, self._reference)
        learned = self._history.learned
        if self._settings.budget.learning_ms is not None:
            span = learned[0][0], learned[-1][0] + self._pane_ms
            detector.budget.learn_history(learned, span)
        detector.feed(learned)
        return detector

    def _at_onset(self) -> Detector:
        detector = Detector(self._settings, self._reference)
        restore_checkpoint(detector, self._checkpoint)
        reach_ms = max((ms for _, ms in self._settings.windows), default=0) + _HOUR_MS
        first_ms = self._history.after_onset[0][0] - reach_ms
        before = self._history.panes[: self._history.onset]
        detector.feed(pane for pane in before if pane[0] >= first_ms)
        return detector

    def _alerts(self, detector: Detector, panes: Iterable[Pane]) -> Iterator[Alert]:
        for start_ms, profile in panes:
            detector.apply(Snapshot(_LOG, 0, 1, start_ms, profile), 0)
            for effect in detector.apply(Progress(_LOG, 1, 1, start_ms + self._pane_ms), 0):
                if isinstance(effect, Publish):
                    yield effect.alert

    def _count(self, alerts: Iterable[Alert]) -> None:
        self.incidents.update(a.data.policy for a in alerts if a.data.change == "opened")

    def _named_now(self, detector: Detector) -> dict[str, _Names]:
        """Features that open incidents name, by policy."""
        named: dict[str, _Names] = {policy: set() for policy in self.policies}
        for incident in detector.book.open.values():
            named[incident.opened.policy].update(f.feature for f in incident.latest.findings)
        return named

    def delays_ms(self, feature: str, altered: Iterable[Pane]) -> Mapping[str, int | None]:
        """When each policy names the feature, counted from the onset; ``None``: never.

        Left out are policies that had named it before. Altered panes are taken only until all
        policies have found it.

        Parameters
        ----------
        altered
            The panes from the onset on.
        """
        onset_ms = self._history.after_onset[0][0]
        found: dict[str, int | None] = {
            policy: None
            for policy in self.policies
            if not _is_named(policy, feature, self._named[policy])
        }
        waiting = set(found)
        alerts = self._alerts(self._at_onset(), altered) if waiting else iter(())
        for alert in alerts:
            policy, names = alert.data.policy, {f.name for f in alert.data.features}
            told = alert.data.status == "open" and _is_named(policy, feature, names)
            if told and policy in waiting:
                found[policy] = alert.time_ms - onset_ms
                waiting.discard(policy)
                if not waiting:
                    break
        return found


def _is_named(policy: str, feature: str, names: _Names) -> bool:
    """A threshold on the model as a whole names no feature; the budget then means volume."""
    return feature in names or (policy != BUDGET and None in names)
