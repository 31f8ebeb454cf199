"""Which alerts a channel is told: a fold over the alerts topic, so a restart decides the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import get_args

from stream_drift.incidents.alert import Alert, AlertData, Severity

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the mildest to the worst."""


@dataclass(frozen=True, slots=True)
class Route:
    """What an alert must be like; patterns as file names have them, and empty means any.

    Attributes
    ----------
    at_least
        The mildest severity.
    features
        At least one of the guilty features must match.
    """

    monitors: tuple[str, ...] = ()
    at_least: Severity = "minor"
    kinds: tuple[str, ...] = ()
    features: tuple[str, ...] = ()

    def matches(self, data: AlertData) -> bool:
        """Whether the alert goes this way."""
        named = [feature.name or "" for feature in data.features]
        return (
            SEVERITIES.index(data.severity) >= SEVERITIES.index(self.at_least)
            and (not self.kinds or data.kind in self.kinds)
            and _any_match([data.monitor], self.monitors)
            and _any_match(named, self.features)
        )


def _any_match(names: list[str], patterns: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(n, pattern) for n in names for pattern in patterns)


@dataclass(frozen=True, slots=True)
class SelectionSettings:
    """What the user says about what a channel is told.

    Attributes
    ----------
    routes
        Any of them is enough; none at all means everything.
    quiet_below
        Milder incidents are not told here.
    repeat_interval_ms
        Reminders that come earlier after what was last told are left out.
    """

    routes: tuple[Route, ...] = ()
    quiet_below: Severity = "minor"
    repeat_interval_ms: int = 0


@dataclass(slots=True)
class Selection:
    """Decides alert by alert; `wants` is the only way its state changes.

    An incident that was told once is told to its end, even where it no longer matches.

    Attributes
    ----------
    told
        Open incidents that were told, with the time that the last alert told spoke of.
    """

    settings: SelectionSettings
    told: dict[str, int] = field(default_factory=dict)

    def wants(self, alert: Alert) -> bool:
        """Whether this alert, the next of the log, is to be told."""
        data = alert.data
        last_ms = self.told.get(data.incident)
        if data.status == "resolved":
            self.told.pop(data.incident, None)
            return last_ms is not None
        if "muted_until" in data.labels and data.change != "muted":
            return False
        if last_ms is None:
            wanted = self._matches(data)
        else:
            due_ms = last_ms + self.settings.repeat_interval_ms
            wanted = data.change != "repeated" or alert.time_ms >= due_ms
        if wanted:
            self.told[data.incident] = alert.time_ms
        return wanted

    def _matches(self, data: AlertData) -> bool:
        settings = self.settings
        if SEVERITIES.index(data.severity) < SEVERITIES.index(settings.quiet_below):
            return False
        return not settings.routes or any(route.matches(data) for route in settings.routes)
