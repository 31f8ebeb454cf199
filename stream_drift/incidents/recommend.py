"""What to do about an incident: the first rule that applies decides (decision 0007)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from stream_drift.incidents.alert import AlertData, Kind, Recommendation
from stream_drift.incidents.figures import length

LASTING_HOURS = 72
"""A change that is still there after this is here to stay."""
UNKNOWN_VALUES = ("new", "rare", "out of range", "out_of_range")
CALIBRATION = ("log loss",)
CONCEPT: tuple[Kind, ...] = ("concept_drift", "concept_and_data_drift", "performance")

EXPORT = "stream-drift export --incident {id} --out DIR"
ACCEPT = "stream-drift incidents accept {id} --why REASON"
ACKNOWLEDGE = "stream-drift incidents ack {id}"
LIST = "stream-drift incidents list --all"


@dataclass(frozen=True, slots=True)
class Case:
    """An incident as the rules see it.

    Attributes
    ----------
    diagnosis
        What labels say of it, in words; empty before there are labels.
    ended
        Why it is over: ``recovered``, ``accepted`` or ``stale``; ``None`` while it is open.
    """

    data: AlertData
    diagnosis: str = ""
    ended: str | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Those of all guilty features."""
        return tuple(reason for feature in self.data.features for reason in feature.reasons)

    @property
    def is_lasting(self) -> bool:
        """Whether the last pane told of lies long after the onset."""
        if self.data.window is None:
            return False
        ends = (self.data.onset.estimate, self.data.window.end)
        begin, end = map(datetime.fromisoformat, ends)
        return (end - begin).total_seconds() >= LASTING_HOURS * 3_600

    @property
    def is_after_deploy(self) -> bool:
        """Whether somebody marked a deployment."""
        return bool(self.data.labels.get("deployed_version"))


@dataclass(frozen=True, slots=True)
class Rule:
    """An action with its reason and command, for the cases that ``applies`` picks."""

    applies: Callable[[Case], bool]
    action: str
    reason: str
    command: str


def _all_start(case: Case, words: tuple[str, ...]) -> bool:
    return bool(case.reasons) and all(reason.startswith(words) for reason in case.reasons)


RULES = (
    Rule(
        lambda c: c.ended == "recovered",
        "nothing to do",
        "the change was temporary and went away after {lasted}: leave its events out of training",
        LIST,
    ),
    Rule(
        lambda c: c.ended == "accepted",
        "nothing to do",
        "somebody accepted the new state: it is normal from now on",
        LIST,
    ),
    Rule(
        lambda c: c.ended == "stale",
        "retrain including the drifted window",
        "it was open for two weeks and is no longer watched: the change is here to stay",
        EXPORT,
    ),
    Rule(
        lambda c: _all_start(c, ("no event",)),
        "fix the pipeline",
        "events stopped coming: look at the producer and its topic before you touch the model",
        ACKNOWLEDGE,
    ),
    Rule(
        lambda c: c.data.kind == "data_quality" and _all_start(c, UNKNOWN_VALUES),
        "engineer or drop the feature",
        "values came that the model has never seen: map or train on them, or find who sends them",
        EXPORT,
    ),
    Rule(
        lambda c: c.data.kind == "data_quality",
        "fix the pipeline",
        "values are missing, invalid or unknown: look upstream before you touch the model",
        ACKNOWLEDGE,
    ),
    Rule(
        lambda c: c.data.kind in (*CONCEPT, "prediction_drift") and c.is_after_deploy,
        "revert to the previous version",
        "version {deployed} was marked as deployed: compare with the version before it first",
        ACKNOWLEDGE,
    ),
    Rule(
        lambda c: c.data.kind in CONCEPT and _all_start(c, CALIBRATION),
        "recalibrate",
        "probabilities fit worse while decisions are as good as before",
        EXPORT,
    ),
    Rule(
        lambda c: c.data.kind in CONCEPT,
        "retrain including the drifted window",
        "the same inputs now lead to other outcomes, or errors changed",
        EXPORT,
    ),
    Rule(
        lambda c: c.data.kind == "data_drift" and bool(c.diagnosis),
        "re-weight",
        "errors changed because other inputs come, not because outcomes did",
        EXPORT,
    ),
    Rule(
        lambda c: c.data.kind == "prediction_drift",
        "hold and watch",
        "the model answers differently while no input stands out: check its version and labels",
        ACKNOWLEDGE,
    ),
    Rule(
        lambda c: c.is_lasting,
        "retrain including the drifted window",
        "inputs moved {lasting} ago and stayed; if that is meant, accept it instead",
        EXPORT,
    ),
    Rule(
        lambda _: True,
        "hold and watch",
        "inputs moved; it may pass. If it is here to stay, accept it or retrain on data with it",
        ACCEPT,
    ),
)
"""From the top: what is over, broken inputs, a new version, labels, and inputs alone."""


def recommend(case: Case) -> Recommendation:
    """What to do, why, and the command for it."""
    rule = next(rule for rule in RULES if rule.applies(case))
    data = case.data
    began, window = data.onset.estimate, data.window
    facts = {
        "id": data.incident,
        "lasted": length(began, data.resolved_at or began),
        "lasting": length(began, window.end if window else began),
        "deployed": data.labels.get("deployed_version", ""),
    }
    more = f": {case.diagnosis}" if case.diagnosis and not case.ended else ""
    reason = rule.reason.format(**facts) + more
    return Recommendation(rule.action, reason, rule.command.format(**facts))
