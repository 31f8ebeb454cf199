"""The whole page: what was watched, when it was loud, and every incident."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from stream_drift.incidents.alert import Alert, iso
from stream_drift.incidents.figures import length, moment
from stream_drift.report.incident import section
from stream_drift.report.style import STYLE
from stream_drift.report.timeline import (
    MOST_ROWS,
    Axis,
    Band,
    evidence_picture,
    score_picture,
)


@dataclass(slots=True)
class Watched:
    """What one monitor showed over time.

    Attributes
    ----------
    evidence
        End of pane (ms) and evidence as a share of the threshold.
    psi
        The same per feature, of psi over ``window``.
    alerts
        In the order in which they were told.
    """

    monitor: str
    window: str = ""
    n_events: int = 0
    n_panes: int = 0
    evidence: list[tuple[int, float]] = field(default_factory=list)
    psi: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)


def incident_page(alerts: Sequence[Alert]) -> str:
    """One incident, from all that was told about it."""
    data = alerts[-1].data
    title = f"Incident {data.incident} · {data.monitor}"
    return _page(title, [f"<h1>{escape(data.monitor)}</h1>", section(alerts)])


def replay_page(monitors: Iterable[Watched]) -> str:
    """Everything that a replay found."""
    shown = list(monitors)
    title = f"Replay · {', '.join(watched.monitor for watched in shown)}"
    return _page(title, [part for watched in shown for part in _monitor(watched)])


def _monitor(watched: Watched) -> Iterable[str]:
    incidents = by_incident(watched.alerts)
    yield f"<h1>{escape(watched.monitor)}</h1>"
    yield f'<p class="soft">{_counts(watched, len(incidents))}</p>'
    if watched.evidence:
        axis = Axis(watched.evidence[0][0], watched.evidence[-1][0])
        bands = [_band(alerts, axis) for alerts in incidents.values()]
        yield "<h3>Evidence as a share of the threshold; incidents are shaded</h3>"
        yield evidence_picture(watched.evidence, bands, axis)
        loudest = sorted(watched.psi, key=lambda name: -max(v for _, v in watched.psi[name]))
        yield f"<h3>psi of every feature against the reference, window {watched.window}</h3>"
        yield score_picture({name: watched.psi[name] for name in loudest[:MOST_ROWS]}, axis)
    yield from map(section, incidents.values())


def _counts(watched: Watched, n_incidents: int) -> str:
    said = [f"{watched.n_events:,} events", f"{watched.n_panes:,} panes with events"]
    if watched.evidence:
        first, last = iso(watched.evidence[0][0]), iso(watched.evidence[-1][0])
        said.append(f"{moment(first)} to {moment(last)} ({length(first, last)})")
    said.append(f"{n_incidents} incident{'s' * (n_incidents != 1)}")
    return " · ".join(said)


def by_incident(alerts: Iterable[Alert]) -> Mapping[str, list[Alert]]:
    """The alerts of every incident, in the order in which incidents opened."""
    found: dict[str, list[Alert]] = {}
    for alert in alerts:
        found.setdefault(alert.data.incident, []).append(alert)
    return found


def _band(alerts: Sequence[Alert], axis: Axis) -> Band:
    last = alerts[-1]
    end_ms = last.time_ms if last.data.status == "resolved" else axis.last_ms
    return Band(alerts[0].time_ms, end_ms, last.data.severity, last.data.incident)


def _page(title: str, parts: Iterable[str]) -> str:
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>\n{body}\n<footer>Made by stream-drift. Times are UTC.</footer>"
        "</main></body></html>\n"
    )
