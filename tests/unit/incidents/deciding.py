"""Decisions and moments to make incidents from."""

from __future__ import annotations

from stream_drift.detection.decision import Changed, Finding, Onset, Opened, Resolved
from stream_drift.incidents.alert import ReferenceInfo, WindowInfo, iso
from stream_drift.incidents.book import BookSettings, IncidentBook, Moment
from stream_drift.incidents.guilty import Shown
from stream_drift.windows.log import Command

PANE_MS = 300_000
T0 = 1_760_000_400_000
POLICY = "threshold:psi/*/above0.2/1h"
SETTINGS = BookSettings(
    "streamdrift", "hotel", "3", 4 * PANE_MS, ReferenceInfo("abc", "2026-01-01T00:00:00Z", 1_000)
)


def finding(feature: str | None = "adr", effect_sd: float = 0.3) -> Finding:
    return Finding(
        feature, ("psi 0.31 (limit > 0.2) over 1h",), confirmed=True, effect=1 / 3, effect_low=0.3,
        effect_high=0.4, unit="sd", effect_sd=effect_sd,
    )  # fmt: skip


def end_of(pane: int) -> int:
    return T0 + pane * PANE_MS


def onset(pane: int) -> Onset:
    return Onset(end_of(pane - 3), end_of(pane - 12), end_of(pane - 2))


def opened(pane: int, *findings: Finding) -> Opened:
    return Opened(POLICY, POLICY, end_of(pane), findings or (finding(),), onset(pane), window="1h")


def changed(pane: int, *findings: Finding) -> Changed:
    return Changed(POLICY, end_of(pane), findings or (finding(),), onset(pane), window="1h")


def resolved(pane: int) -> Resolved:
    return Resolved(POLICY, end_of(pane), "recovered")


def moment(pane: int, delay_ms: int = 5_000) -> Moment:
    """The close of a pane that shows the windows that end there."""
    windows = {
        "1h": WindowInfo(iso(end_of(pane - 12)), iso(end_of(pane)), 900, complete=True),
        None: WindowInfo(iso(end_of(pane - 288)), iso(end_of(pane)), 9_000, complete=False),
    }

    def show(window: str | None, _onset_ms: int, before: bytes | None) -> Shown:
        return Shown(windows[window], lambda *_: ({"mean": 1.0}, {"mean": 1.5}), before)

    return Moment(end_of(pane), end_of(pane) + delay_ms, show)


def command(action: str, **arguments: str) -> Command:
    return Command(action, "eve", "because", arguments)


def book() -> IncidentBook:
    return IncidentBook(SETTINGS)
