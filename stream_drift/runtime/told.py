"""Which alerts the alerts topic holds already, and which incidents they leave open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from stream_drift.incidents.alert import Alert, AlertData, iso
from stream_drift.runtime.transport import Headers, StoredRecord


@dataclass(slots=True)
class Told:
    """What was said about one monitor's incidents since a place in the alerts topic.

    A zombie may say again what is past: of each incident the alert furthest on counts.
    """

    ids: set[str] = field(default_factory=set)
    open: dict[str, Alert] = field(default_factory=dict)
    _furthest: dict[str, int] = field(default_factory=dict)

    def supersede(self, known: Iterable[str], detected_at: str) -> list[Alert]:
        """Closing alerts for incidents that are open here and unknown to the state."""
        return [
            _superseded(alert, detected_at)
            for incident, alert in sorted(self.open.items())
            if incident not in set(known)
        ]

    def note(self, alert: Alert) -> None:
        """An alert that stands on the topic."""
        self.ids.add(alert.id)
        incident, sequence = alert.id.rsplit("/", 1)
        if int(sequence) < self._furthest.get(incident, 0):
            return
        self._furthest[incident] = int(sequence)
        if alert.data.status == "open":
            self.open[alert.data.incident] = alert
        else:
            self.open.pop(alert.data.incident, None)


def _superseded(alert: Alert, detected_at: str) -> Alert:
    incident, sequence = alert.id.rsplit("/", 1)
    data = msgspec.structs.replace(
        alert.data,
        status="resolved",
        change="superseded",
        detected_at=detected_at,
        resolved_at=iso(alert.time_ms),
        summary=f"{alert.data.monitor}: superseded, what it was based on is no longer known",
    )
    kind = "io.streamdrift.incident.resolved.v1"
    return Alert(f"{incident}/{int(sequence) + 1}", kind, alert.source, alert.time_ms, data)


def read_alerts(records: Iterable[StoredRecord]) -> dict[str, Told]:
    """What stands in a stretch of an alerts partition, by monitor."""
    told: dict[str, Told] = {}
    for alert in alerts_of(records):
        told.setdefault(alert.data.monitor, Told()).note(alert)
    return told


def alerts_of(records: Iterable[StoredRecord]) -> Iterator[Alert]:
    """The alerts in a stretch of an alerts partition; foreign records are skipped."""
    for record in records:
        alert = alert_of(record.value, record.headers)
        if alert is not None:
            yield alert


def alert_of(value: bytes | None, headers: Headers) -> Alert | None:
    """The alert that a record of the alerts topic holds; ``None`` for a foreign record."""
    attributes = {name: text.decode("utf-8", "replace") for name, text in headers}
    if value is None or "ce_id" not in attributes:
        return None
    try:
        data = msgspec.json.decode(value, type=AlertData)
        moment = datetime.fromisoformat(attributes["ce_time"])
    except (msgspec.DecodeError, KeyError, ValueError):
        return None
    time_ms = round(moment.timestamp() * 1000)
    kind, source = attributes.get("ce_type", ""), attributes.get("ce_source", "")
    return Alert(attributes["ce_id"], kind, source, time_ms, data)
