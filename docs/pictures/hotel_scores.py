"""Draws what happened to hotel bookings between October and February: psi over time, as SVG.

Run as ``python -m docs.pictures.hotel_scores`` from the root of the repository; needs the hotel
bookings at ``../shared/data`` (see ``tests/support/hotel.py``).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from stream_drift.cli.main import main
from tests.support import hotel

WINDOW = "7d"
LIMIT = 0.2
SHOWN = 6
WIDTH, HEIGHT = 900, 420
LEFT, RIGHT, TOP, BOTTOM = 60, 190, 40, 50
PSI_MAX = 3.0
COLOURS = ("#1b6ca8", "#c0392b", "#1e8449", "#8e44ad", "#b9770e", "#34495e")
OUT = Path(__file__).with_name("hotel_scores.svg")

Series = dict[str, list[tuple[float, float]]]


def scores() -> Series:
    """(seconds since the epoch, psi over seven days) per feature, once a day."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = folder / "stream-drift.yaml"
        config.write_text(hotel.config_text("picture", "hotel.bookings", {}))
        (folder / "reference.jsonl").write_bytes(b"\n".join(hotel.reference_lines()))
        lines = (json.dumps(event) for event in hotel.events())
        (folder / "events.jsonl").write_text("\n".join(lines))
        with suppress(SystemExit):
            main(["reference", "build", "-c", f"{config}", "--from", f"{folder}/reference.jsonl"])
        with suppress(SystemExit):
            events, out = folder / "events.jsonl", folder / "scores.jsonl"
            main(["replay", "-c", f"{config}", "--events", f"{events}", "--scores", f"{out}"])
        return _series((folder / "scores.jsonl").read_text().splitlines())


def _series(lines: Iterable[str]) -> Series:
    found: Series = {}
    for line in map(json.loads, lines):
        wanted = line["score"] == "psi" and line["window"] == WINDOW
        if wanted and line["value"] is not None and line["pane_end"].endswith("T00:00:00Z"):
            at = datetime.fromisoformat(line["pane_end"]).timestamp()
            found.setdefault(line["feature"], []).append((at, line["value"]))
    return found


def draw(series: Series) -> str:
    """The picture."""
    greatest = sorted(series, key=lambda name: -max(psi for _, psi in series[name]))[:SHOWN]
    times = [at for points in series.values() for at, _ in points]
    first, last = min(times), max(times)

    def x(at: float) -> float:
        return LEFT + (at - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(psi: float) -> float:
        return HEIGHT - BOTTOM - min(psi, PSI_MAX) / PSI_MAX * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">Hotel bookings: psi against the reference'
        f" (May to September), trailing {WINDOW}</text>",
    ]
    for step in range(7):
        psi = step * 0.5
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(psi):.1f}" y2="{y(psi):.1f}"'
            f' stroke="#ddd"/><text x="{LEFT - 8}" y="{y(psi) + 4:.1f}" text-anchor="end">'
            f"{psi:.1f}</text>"
        )
    parts.append(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(LIMIT):.1f}" y2="{y(LIMIT):.1f}"'
        ' stroke="#888" stroke-dasharray="5 4"/>'
    )
    parts.append(
        f'<text x="{WIDTH - RIGHT + 6}" y="{y(LIMIT) + 4:.1f}" fill="#666">'
        f"usual limit {LIMIT}</text>"
    )
    months = sorted({datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-01") for at in times})
    for month in months:
        at = datetime.fromisoformat(month).replace(tzinfo=UTC).timestamp()
        if at >= first:
            parts.append(
                f'<text x="{x(at):.1f}" y="{HEIGHT - 25}" text-anchor="middle">{month[:7]}</text>'
            )
    for i, (name, colour) in enumerate(zip(greatest, COLOURS, strict=False)):
        points = " ".join(f"{x(at):.1f},{y(psi):.1f}" for at, psi in series[name])
        row = TOP + 20 + 22 * i
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
            f'<text x="{WIDTH - RIGHT + 14}" y="{row}" fill="{colour}">{name}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])


if __name__ == "__main__":
    OUT.write_text(draw(scores()))
