"""What a monitor can see, in words and as JSON."""

from __future__ import annotations

from typing import Any

from stream_drift.detection.outlook import Outlook
from stream_drift.incidents.alert import iso
from stream_drift.incidents.figures import duration

MOST_OFFSETS = 20
"""Standing offsets that are listed, the largest first."""


def outlook_line(outlook: Outlook) -> str:
    """One sentence: state, what it lacks, and how fast a shift would be found.

    Examples
    --------
    >>> from stream_drift.detection.baseline import BaselineState
    >>> state = BaselineState("provisional", 0, ("audit: 15.0 of 21.0 days",), 2.0, ())
    >>> print(outlook_line(Outlook(state, 41.7, ((0.1, 25_000_000), (0.25, None)), ())))
    provisional (audit: 15.0 of 21.0 days; noise taken 2 times as learned); at your volume (42 \
events per pane) a shift of 0.1 sd is found in about 6 h 56 min, one of 0.25 sd not within weeks
    """
    state = outlook.baseline
    notes = list(state.reasons)
    if state.audit_factor > 1:
        notes.append(f"noise taken {state.audit_factor:g} times as learned")
    if state.unarmable:
        directions = _counted(len(state.unarmable), "direction")
        features = _counted(len({feature for feature, *_ in state.unarmable}), "feature")
        notes.append(f"{directions} of {features} not watched")
    line = f"{state.stage} ({'; '.join(notes)})" if notes else state.stage
    found = [_found(shift, delay_ms) for shift, delay_ms in outlook.delays_ms]
    if not outlook.events_per_pane or all(delay_ms is None for _, delay_ms in outlook.delays_ms):
        return line
    volume = f"{outlook.events_per_pane:,.0f} events per pane"
    return f"{line}; at your volume ({volume}) a shift of {', one of '.join(found)}"


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def _found(shift: float, delay_ms: int | None) -> str:
    if delay_ms is None:
        return f"{shift:g} sd not within weeks"
    return f"{shift:g} sd is found in about {duration(delay_ms // 1000)}"


def outlook_json(outlook: Outlook) -> dict[str, Any]:
    """The same and more as plain values; standing offsets that are more than chance."""
    state = outlook.baseline
    return {
        "state": state.stage,
        "since": iso(state.since_ms),
        "reasons": list(state.reasons),
        "audit_factor": state.audit_factor,
        "unarmable": [
            {"feature": feature, "direction": kind, "reason": reason}
            for feature, kind, reason in state.unarmable
        ],
        "standing_offsets": [
            {
                "feature": offset.feature,
                "direction": offset.kind,
                "offset": round(offset.offset, 4),
                "low": round(offset.low, 4),
                "high": round(offset.high, 4),
            }
            for offset in outlook.clear_offsets[:MOST_OFFSETS]
        ],
        "events_per_pane": round(outlook.events_per_pane, 1),
        "expected_delay_seconds": {
            f"{shift:g} sd": None if delay_ms is None else delay_ms // 1000
            for shift, delay_ms in outlook.delays_ms
        },
    }
