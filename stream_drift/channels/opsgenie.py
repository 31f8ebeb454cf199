"""Opsgenie, and Jira Service Management, which has the same API: an incident is one alert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from stream_drift.channels.each import tell_each
from stream_drift.channels.http import Endpoint, post_json
from stream_drift.channels.words import body, title
from stream_drift.incidents.alert import Alert, AlertData, Severity
from stream_drift.runtime.notify.channel import Outcome

OPSGENIE = "https://api.opsgenie.com"
JIRA = "https://api.atlassian.com/jsm/ops/integration"
MOST_MESSAGE = 130
MOST_DESCRIPTION = 15_000
PRIORITIES: dict[Severity, str] = {"minor": "P5", "notice": "P3", "major": "P2", "severe": "P1"}


@dataclass(frozen=True, slots=True)
class Opsgenie:
    """Keeps `Channel`; ``key`` is that of an API integration."""

    api: Endpoint
    key: str = field(repr=False)

    def tell(self, alerts: Sequence[Alert], mark: str | None) -> Outcome:
        """One request per alert; an alias that is open there already is counted up."""
        del mark
        return tell_each(alerts, lambda alert: self._send(alert.data))

    def _send(self, data: AlertData) -> Outcome:
        path, content = request(data)
        return post_json(self.api.at(path), content, {"Authorization": f"GenieKey {self.key}"})


def request(data: AlertData) -> tuple[str, dict[str, Any]]:
    """Path and body."""
    by_alias = f"/v2/alerts/{data.dedup_key}/{{}}?identifierType=alias"
    if data.status == "resolved":
        return by_alias.format("close"), {"source": "stream-drift"}
    if data.change == "acknowledged":
        return by_alias.format("acknowledge"), {"source": "stream-drift"}
    return "/v2/alerts", {
        "message": title(data, MOST_MESSAGE),
        "alias": data.dedup_key,
        "description": body(data, MOST_DESCRIPTION),
        "entity": data.monitor,
        "source": "stream-drift",
        "priority": PRIORITIES[data.severity],
        "tags": [data.kind],
        "details": {"incident": data.incident, "kind": data.kind, "severity": data.severity},
    }
