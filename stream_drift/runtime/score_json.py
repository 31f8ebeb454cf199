"""A closed pane's scores as lines of JSON: what ``replay --scores`` writes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import UNSET, UnsetType

from stream_drift.engine.effects import PaneClosed, PaneMatured
from stream_drift.incidents.alert import iso
from stream_drift.scoring.catalogue import EVIDENCE
from stream_drift.scoring.table import ScoreLine
from stream_drift.scoring.window_scores import PANE_WINDOW

_WHOLE_BELOW = 2.0**53


class _Line(msgspec.Struct):
    monitor: str
    feature: str | None
    score: str
    value: float | None
    raw: float | None
    status: str
    against: str
    window: str
    pane_start: str
    pane_end: str
    n: int
    p_value: float | UnsetType
    low: float | UnsetType
    high: float | UnsetType


def score_lines(monitor: str, pane: PaneClosed | PaneMatured) -> Iterator[bytes]:
    """One JSON object per window and score, without line ends, in published order."""
    encode = msgspec.json.Encoder().encode
    start, end = iso(pane.start_ms), iso(pane.end_ms)
    if isinstance(pane, PaneMatured):
        for line in pane.lines:
            yield encode(_json(line, monitor, PANE_WINDOW, start, end))
        return
    for window in pane.scores:
        for line in window.lines.values():
            yield encode(_json(line, monitor, window.name, start, end))


def _json(line: ScoreLine, monitor: str, window: str, start: str, end: str) -> _Line:
    return _Line(
        monitor=monitor,
        feature=line.feature,
        score=line.score,
        value=_rounded(line.value),
        raw=_rounded(line.raw),
        status=line.status,
        against="baseline" if line.score == EVIDENCE else "reference",
        window=window,
        pane_start=start,
        pane_end=end,
        n=line.n,
        p_value=_optional(line.p_value),
        low=_optional(line.low),
        high=_optional(line.high),
    )


def _rounded(value: float | None) -> float | None:
    """To 6 significant digits; whole numbers, which may be counts, stay exact."""
    if value is None:
        return None
    if value.is_integer() and abs(value) < _WHOLE_BELOW:
        return int(value)
    return float(f"{value:.6g}")


def _optional(value: float | None) -> float | UnsetType:
    rounded = _rounded(value)
    return UNSET if rounded is None else rounded
