"""Prometheus' Alertmanager, API v2: it is told again and again what stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stream_drift.channels.http import Endpoint, post_json
from stream_drift.channels.words import body, time_ms, title
from stream_drift.incidents.alert import iso
from stream_drift.runtime.notify.channel import Outcome, Standing

PATH = "/api/v2/alerts"
HOLDS_MS = 300_000
"""An alert that nobody repeats for so long is over for Alertmanager."""
MOST_TITLE = 500
MOST_BODY = 8_000


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """Keeps `StandingChannel`; every member of a cluster is told, as Alertmanager wants it."""

    endpoints: tuple[Endpoint, ...]

    @property
    def members(self) -> Sequence[str]:
        """Their hosts."""
        return [endpoint.host for endpoint in self.endpoints]

    def post(self, member: int, standing: Sequence[Standing], now_ms: int) -> Outcome:
        """Tell one member of all that stands."""
        content = [alert_of(each, now_ms) for each in standing]
        return post_json(self.endpoints[member].at(PATH), content)


def alert_of(standing: Standing, now_ms: int) -> dict[str, Any]:
    """One incident. Labels are its identity: what may change stands in annotations."""
    data = standing.alert.data
    over = data.status == "resolved"
    ends_ms = (
        min(time_ms(data.resolved_at or data.opened_at), now_ms) if over else now_ms + HOLDS_MS
    )
    return {
        "labels": {
            "alertname": "StreamDriftIncident",
            "monitor": data.monitor,
            "policy": data.policy,
            "incident": data.incident,
        },
        "annotations": {
            "summary": title(data, MOST_TITLE),
            "description": body(data, MOST_BODY),
            "severity": data.severity,
            "kind": data.kind,
            **data.links,
        },
        "startsAt": iso(min(time_ms(data.opened_at), ends_ms)),
        "endsAt": iso(ends_ms),
    }
