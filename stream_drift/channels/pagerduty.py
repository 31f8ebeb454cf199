"""PagerDuty, Events API v2: an incident is one alert there, by its dedup key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from stream_drift.channels.each import tell_each
from stream_drift.channels.http import Endpoint, post_json
from stream_drift.channels.words import body, title
from stream_drift.incidents.alert import Alert, AlertData, Severity
from stream_drift.runtime.notify.channel import Outcome

URL = "https://events.pagerduty.com/v2/enqueue"
MOST_SUMMARY = 1_024
MOST_DETAIL = 8_000
SEVERITIES: dict[Severity, str] = {
    "minor": "info",
    "notice": "warning",
    "major": "error",
    "severe": "critical",
}


@dataclass(frozen=True, slots=True)
class PagerDuty:
    """Keeps `Channel`; ``routing_key`` is that of an Events API v2 integration."""

    endpoint: Endpoint
    routing_key: str = field(repr=False)

    def tell(self, alerts: Sequence[Alert], mark: str | None) -> Outcome:
        """One request per alert."""
        del mark
        return tell_each(alerts, lambda alert: post_json(self.endpoint, self.event(alert.data)))

    def event(self, data: AlertData) -> dict[str, Any]:
        """The request's body."""
        told = {
            "routing_key": self.routing_key,
            "event_action": _action(data),
            "dedup_key": data.dedup_key,
        }
        if told["event_action"] != "trigger":
            return told
        return told | {
            "client": "stream-drift",
            "links": [{"href": url, "text": name} for name, url in data.links.items()],
            "payload": {
                "summary": title(data, MOST_SUMMARY),
                "source": data.monitor,
                "severity": SEVERITIES[data.severity],
                "timestamp": data.opened_at,
                "component": data.monitor,
                "class": data.kind,
                "custom_details": {"text": body(data, MOST_DETAIL), "incident": data.incident},
            },
        }


def _action(data: AlertData) -> str:
    if data.status == "resolved":
        return "resolve"
    return "acknowledge" if data.change == "acknowledged" else "trigger"
