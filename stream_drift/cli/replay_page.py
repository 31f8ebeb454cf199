"""What a replay shows as a page, collected while it runs."""

from __future__ import annotations

from stream_drift.engine.effects import DetectorEffect, PaneClosed, Publish
from stream_drift.report.page import Watched, replay_page
from stream_drift.scoring.catalogue import EVIDENCE
from stream_drift.scoring.window_scores import PANE_WINDOW


class Pages:
    """Takes effects of monitors; `html` is the page of all of them."""

    def __init__(self) -> None:
        self._watched: dict[str, Watched] = {}

    def take(self, monitor: str, effect: DetectorEffect) -> None:
        """Remember what the page shows of an effect."""
        watched = self._watched.setdefault(monitor, Watched(monitor))
        match effect:
            case PaneClosed():
                _take_pane(watched, effect)
            case Publish(alert):
                watched.alerts.append(alert)

    def html(self) -> str:
        """The page."""
        return replay_page(self._watched.values())


def _take_pane(watched: Watched, pane: PaneClosed) -> None:
    watched.n_events += pane.profile.events
    watched.n_panes += 1
    by_name = {window.name: window for window in pane.scores}
    evidence = by_name[PANE_WINDOW].lines.get((None, EVIDENCE))
    if evidence is not None and evidence.value is not None:
        watched.evidence.append((pane.end_ms, evidence.value))
    longest = pane.scores[-1]
    watched.window = longest.name
    for (feature, score), line in longest.lines.items():
        if score == "psi" and feature is not None and line.value is not None:
            watched.psi.setdefault(feature, []).append((pane.end_ms, line.value))
