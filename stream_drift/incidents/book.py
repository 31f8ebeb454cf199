"""The incidents of one monitor: decisions and commands in, alerts out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from stream_drift.detection.decision import Changed, Decision, Opened, Resolved
from stream_drift.errors import InvariantError
from stream_drift.incidents.alert import (
    Alert,
    AlertData,
    BaselineInfo,
    BudgetState,
    Change,
    GuiltyFeature,
    Kind,
    OnsetTimes,
    Recommendation,
    ReferenceInfo,
    Severity,
    Slice,
    WindowInfo,
    incident_id,
    iso,
)
from stream_drift.incidents.guilty import Show, guilty_features
from stream_drift.incidents.kind import kind_of, parts_of
from stream_drift.incidents.recommend import Case, recommend
from stream_drift.incidents.segments import slice_of
from stream_drift.incidents.severity import severity_of
from stream_drift.incidents.summary import summary_of
from stream_drift.windows.log import Command

MOST_MUTE_DIGITS = 13
"""Longer numbers of ms end in years that no calendar has."""
_LOOK_AGAIN = ("opened", "confirmed", "features")
"""Changes at which segments of rows are looked for; else those told last stand."""
_TYPES = {"opened": "opened", "resolved": "resolved", "superseded": "resolved"}


@dataclass(frozen=True, slots=True)
class BookSettings:
    """What every alert of the monitor says about where it comes from."""

    name: str
    monitor: str
    model_version: str | None
    repeat_interval_ms: int
    reference: ReferenceInfo


@dataclass(frozen=True, slots=True)
class Moment:
    """The close of a pane, as far as alerts show it.

    Attributes
    ----------
    detected_at_ms
        Append time of the record that closed the pane.
    show
        Shows the events behind a change; ``None`` where there are none.
    """

    pane_end_ms: int
    detected_at_ms: int
    show: Show | None = None
    baseline: BaselineInfo | None = None


class Incident(msgspec.Struct):
    """An open incident: what its next alert builds on.

    ``data`` is that of its last alert, ``before`` what was normal when it opened (see `Shown`).
    """

    id: str
    opened: Opened
    latest: Changed
    severity: Severity
    data: AlertData | None = None
    sequence: int = 0
    last_alert_ms: int = 0
    acknowledged_by: str | None = None
    muted_until_ms: int | None = None
    before: bytes | None = None
    ended: str | None = None

    def last_data(self) -> AlertData:
        """What its last alert said; every incident begins with one."""
        if self.data is None:
            message = f"incident {self.id} was never told"
            raise InvariantError(message)
        return self.data


@dataclass(slots=True)
class IncidentBook:
    """Keeps the open incidents; `decide` and `obey` are the only ways to change them."""

    settings: BookSettings
    open: dict[str, Incident] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    now_ms: int = 0

    def decide(self, decisions: Iterable[Decision], moment: Moment) -> list[Alert]:
        """Alerts for what the policies decided at the close of a pane."""
        self.now_ms = moment.pane_end_ms
        alerts = []
        for decision in decisions:
            match decision:
                case Opened():
                    alerts.append(self._begin(decision, moment))
                case Changed():
                    alerts += self._update(decision, moment)
                case Resolved():
                    incident = self.open.pop(decision.entry, None)
                    if incident is not None:
                        incident.ended = decision.reason
                        alerts.append(self._alert(incident, "resolved", moment))
        return alerts

    def _begin(self, decision: Opened, moment: Moment) -> Alert:
        identity = incident_id(self.settings.monitor, decision.policy, decision.pane_end_ms)
        severity = severity_of(decision.findings)
        incident = Incident(identity, decision, _as_changed(decision), severity)
        self.open[decision.entry] = incident
        return self._alert(incident, "opened", moment)

    def _update(self, decision: Changed, moment: Moment) -> list[Alert]:
        incident = self.open.get(decision.entry)
        if incident is None:
            return []
        change = self._change(incident, decision, moment.pane_end_ms)
        incident.latest = decision
        incident.severity = severity_of(decision.findings)
        return [] if change is None else [self._alert(incident, change, moment)]

    def _change(self, incident: Incident, decision: Changed, now_ms: int) -> Change | None:
        before, after = incident.latest.findings, decision.findings
        if {finding.feature for finding in before} != {finding.feature for finding in after}:
            return "features"
        if [finding.confirmed for finding in before] != [finding.confirmed for finding in after]:
            return "confirmed"
        if severity_of(after) != incident.severity:
            return "severity"
        due_ms = incident.last_alert_ms + self.settings.repeat_interval_ms
        return "repeated" if now_ms >= due_ms else None

    def obey(self, command: Command, detected_at_ms: int) -> list[Alert]:
        """Alerts for an operator's command; unknown incidents and actions change nothing.

        A command that names no incident speaks of all open ones.
        """
        if command.action == "mark-deploy":
            self.labels["deployed_version"] = command.arguments.get("version", "")
        wanted = command.arguments.get("incident")
        return [
            alert
            for incident in self.open.values()
            if wanted in {None, incident.id}
            for alert in self._obey(incident, command, detected_at_ms)
        ]

    def _obey(self, incident: Incident, command: Command, detected_at_ms: int) -> list[Alert]:
        match command.action:
            case "acknowledge":
                incident.acknowledged_by = command.by
                return [self._reissue(incident, "acknowledged", detected_at_ms)]
            case "mute":
                for_ms = command.arguments.get("for_ms", "")
                if not for_ms.isdecimal() or len(for_ms) > MOST_MUTE_DIGITS:
                    return []
                incident.muted_until_ms = self.now_ms + int(for_ms)
                return [self._reissue(incident, "muted", detected_at_ms)]
            case _:
                return []

    def _reissue(self, incident: Incident, change: Change, detected_at_ms: int) -> Alert:
        """The last alert again, because of a command."""
        data = msgspec.structs.replace(
            incident.last_data(),
            change=change,
            detected_at=iso(detected_at_ms),
            labels=self._labels(incident),
        )
        return self._number(incident, data, self.now_ms)

    def _alert(self, incident: Incident, change: Change, moment: Moment) -> Alert:
        data = self._data(incident, change, moment)
        opened = change == "opened"
        return self._number(
            incident, data, incident.opened.pane_end_ms if opened else moment.pane_end_ms
        )

    def _number(self, incident: Incident, data: AlertData, time_ms: int) -> Alert:
        incident.sequence += 1
        incident.last_alert_ms = time_ms
        incident.data = data
        return self.last_alert(incident)

    def last_alert(self, incident: Incident) -> Alert:
        """The alert that was last told about an incident."""
        data = incident.last_data()
        shown = _TYPES.get(data.change, "updated")
        return Alert(
            f"{incident.id}/{incident.sequence}",
            f"io.streamdrift.incident.{shown}.v1",
            f"/streamdrift/{self.settings.name}/monitors/{self.settings.monitor}",
            incident.last_alert_ms,
            data,
        )

    def _data(self, incident: Incident, change: Change, moment: Moment) -> AlertData:
        settings, latest = self.settings, incident.latest
        kind = self._kind(incident)
        over_ms = moment.pane_end_ms if change == "resolved" else None
        related = self.open.get(incident.opened.related_to_entry or "")
        seen = self._seen(incident, change, moment)
        data = AlertData(
            incident=incident.id,
            monitor=settings.monitor,
            model_version=settings.model_version,
            status="open" if over_ms is None else "resolved",
            change=change,
            severity=incident.severity,
            kind=kind,
            kind_parts=parts_of(latest.diagnosis),
            policy=incident.opened.policy,
            opened_at=iso(incident.opened.pane_end_ms),
            detected_at=iso(moment.detected_at_ms),
            onset=_onset(latest),
            resolved_at=None if over_ms is None else iso(over_ms),
            related_to=None if related is None else related.id,
            budget=_budget(latest),
            features=seen.features,
            slices=seen.slices,
            reference=settings.reference,
            baseline=moment.baseline,
            window=seen.window,
            recommendation=Recommendation("", "", None),
            summary="",
            dedup_key=incident.id,
            links={},
            labels=self._labels(incident),
        )
        why = "" if latest.diagnosis is None else latest.diagnosis.why
        advice = recommend(Case(data, why, incident.ended))
        return msgspec.structs.replace(data, summary=summary_of(data), recommendation=advice)

    def _kind(self, incident: Incident) -> Kind:
        """What labels show, if they do; a feed that is broken explains other data."""
        kind = kind_of(incident.latest.findings, incident.latest.diagnosis)
        others = (other for other in self.open.values() if other is not incident)
        if kind == "data_drift" and incident.latest.diagnosis is not None:
            broken = any(kind_of(other.latest.findings) == "data_quality" for other in others)
            return "data_quality" if broken else kind
        return kind

    def _seen(self, incident: Incident, change: Change, moment: Moment) -> _Seen:
        """Guilty features, segments and the window that shows them; at the end as told last."""
        told, latest, shown = incident.data, incident.latest, None
        if change == "resolved" and told is not None:
            return _Seen(told.features, told.slices, told.window)
        if moment.show is not None:
            window, onset_ms = incident.opened.window, latest.onset.estimate_ms
            shown = moment.show(window, onset_ms, incident.before)
            incident.before = shown.before
        features = guilty_features(latest.findings, shown)
        slices = () if told is None else told.slices
        if shown is not None and shown.find is not None and change in _LOOK_AGAIN:
            names = [feature.name for feature in features if feature.name is not None]
            slices = tuple(map(slice_of, shown.find(names)))
        return _Seen(features, slices, None if shown is None else shown.window)

    def _labels(self, incident: Incident) -> dict[str, str]:
        labels = dict(self.labels)
        if incident.acknowledged_by is not None:
            labels["acknowledged_by"] = incident.acknowledged_by
        if incident.muted_until_ms is not None and self.now_ms < incident.muted_until_ms:
            labels["muted_until"] = iso(incident.muted_until_ms)
        return labels


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an alert shows of the events."""

    features: tuple[GuiltyFeature, ...]
    slices: tuple[Slice, ...]
    window: WindowInfo | None


def _onset(latest: Changed) -> OnsetTimes:
    onset = latest.onset
    return OnsetTimes(iso(onset.estimate_ms), iso(onset.earliest_ms), iso(onset.latest_ms))


def _as_changed(opened: Opened) -> Changed:
    return Changed(
        opened.entry,
        opened.pane_end_ms,
        opened.findings,
        opened.onset,
        opened.budget,
        opened.window,
        opened.diagnosis,
    )


def _budget(latest: Changed) -> BudgetState | None:
    budget = latest.budget
    if budget is None:
        return None
    return BudgetState(
        budget.false_incidents_per_30d, budget.promised, budget.evidence, budget.threshold
    )
