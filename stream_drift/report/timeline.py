"""Time series as an SVG picture: evidence against its threshold, scores of features, incidents."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from stream_drift.incidents.alert import Severity

Points = Sequence[tuple[int, float]]
"""Time (ms) and value, ascending."""
WIDTH, LEFT, RIGHT = 960, 130, 16
HEIGHT, TOP, BOTTOM = 190, 12, 24
ROW, MOST_ROWS = 18, 30
MOST_COLUMNS = 320
N_TICKS = 6
MOST_LEVELS = 6
DAY_MS = 86_400_000
LOWEST_LOG = -3.0
LOUD_PSI = 0.5
"""Cells of this psi have the full colour."""


@dataclass(frozen=True, slots=True)
class Band:
    """An incident on the time axis."""

    start_ms: int
    end_ms: int
    severity: Severity
    name: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Event time from left to right."""

    first_ms: int
    last_ms: int

    def x(self, time_ms: float) -> float:
        """Where a time lies."""
        span = max(self.last_ms - self.first_ms, 1)
        return LEFT + (time_ms - self.first_ms) / span * (WIDTH - LEFT - RIGHT)

    def ticks(self, y: float) -> Iterable[str]:
        """Times in words along the bottom."""
        span = self.last_ms - self.first_ms
        form = "%Y-%m-%d" if span > N_TICKS * DAY_MS else "%m-%d %H:%M"
        for i in range(N_TICKS):
            at = self.first_ms + span * (i + 0.5) / N_TICKS
            text = datetime.fromtimestamp(at / 1000, UTC).strftime(form)
            yield f'<text x="{self.x(at):.1f}" y="{y}" text-anchor="middle">{text}</text>'


def binned(points: Points, axis: Axis) -> list[tuple[float, float, float]]:
    """Start (ms), end and greatest value per column; never more columns than can be seen."""
    step = max((axis.last_ms - axis.first_ms) / MOST_COLUMNS, 1.0)
    greatest: dict[int, float] = {}
    for time_ms, value in points:
        column = min(int((time_ms - axis.first_ms) / step), MOST_COLUMNS - 1)
        greatest[column] = max(value, greatest.get(column, -math.inf))
    at = axis.first_ms
    return [(at + i * step, at + (i + 1) * step, value) for i, value in sorted(greatest.items())]


def evidence_picture(evidence: Points, bands: Sequence[Band], axis: Axis) -> str:
    """Evidence as a share of the threshold on a log scale, with incidents behind it."""
    floor = HEIGHT - BOTTOM
    top = max(0.5, *(math.log10(max(v, 1e-9)) for _, v in evidence), 0.5)

    def y(share: float) -> float:
        level = max(math.log10(max(share, 1e-9)), LOWEST_LOG)
        return floor - (level - LOWEST_LOG) / (top - LOWEST_LOG) * (floor - TOP)

    parts = [_band(band, axis, TOP, floor) for band in bands]
    step = 1 + int(top - LOWEST_LOG) // MOST_LEVELS
    powers = [*range(0, int(top) + 1, step), *range(-step, int(LOWEST_LOG) - 1, -step)]
    for power in powers:
        name = "limit" if power == 0 else "grid"
        label = {0: "threshold"}.get(power, f"{10.0**power:,g} ×")
        parts.append(_level(y(10.0**power), name, label))
    line = " ".join(
        f"{axis.x((start + end) / 2):.1f},{y(value):.1f}"
        for start, end, value in binned(evidence, axis)
    )
    parts.append(f'<polyline class="line" points="{line}"/>')
    return _svg(HEIGHT, [*parts, *axis.ticks(HEIGHT - 6)])


def score_picture(series: Mapping[str, Points], axis: Axis) -> str:
    """One row per feature, the darker the larger its psi."""
    height = ROW * len(series) + BOTTOM
    parts = []
    for row, (name, points) in enumerate(series.items()):
        y = row * ROW
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(name[:18])}</text>'
        )
        for start, end, value in binned(points, axis):
            strength = min(max(value, 0.0) / LOUD_PSI, 1.0)
            parts.append(
                f'<rect class="heat" x="{axis.x(start):.1f}" y="{y + 2}"'
                f' width="{axis.x(end) - axis.x(start) + 0.3:.1f}" height="{ROW - 4}"'
                f' fill-opacity="{0.06 + 0.94 * strength:.2f}">'
                f"<title>{escape(name)}: psi {value:.3g}</title></rect>"
            )
    return _svg(height, [*parts, *axis.ticks(height - 6)])


def _band(band: Band, axis: Axis, top: float, floor: float) -> str:
    left, right = axis.x(band.start_ms), axis.x(band.end_ms)
    return (
        f'<a href="#{escape(band.name)}"><rect class="band {band.severity}" x="{left:.1f}"'
        f' y="{top}" width="{max(right - left, 2):.1f}" height="{floor - top}">'
        f"<title>{escape(band.name)}</title></rect></a>"
    )


def _level(y: float, name: str, label: str) -> str:
    return (
        f'<line class="{name}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    )


def _svg(height: float, parts: Iterable[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{"".join(parts)}</svg>'
