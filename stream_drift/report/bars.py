"""A feature before and after as an SVG picture: outlined how it was, filled how it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from stream_drift.incidents.figures import number, percent

Side = Mapping[str, Any]
WIDTH, HEIGHT, FOOT = 460, 120, 18
ROW, NAMES, SHARES = 22, 150, 96
LONGEST_NAME = 22
MOST_ROWS = 10


def picture(before: Side, after: Side) -> str:
    """Histogram of a number or shares of a category; empty where there is neither."""
    if "histogram" in after or "histogram" in before:
        return _histogram(before.get("histogram"), after.get("histogram"))
    if "shares" in after or "shares" in before:
        return _shares(before.get("shares", {}), after.get("shares", {}))
    return ""


def _histogram(before: Side | None, after: Side | None) -> str:
    sides = [side for side in (before, after) if side]
    edges = sides[0]["edges"]
    shares = [_with_ends(side) for side in (before, after)]
    top = max((share for side in shares for share in side), default=0.0) or 1.0
    n = len(edges) + 1
    step, ground = WIDTH / n, HEIGHT - FOOT
    parts = [f'<line class="axis" x1="0" x2="{WIDTH}" y1="{ground}" y2="{ground}"/>']
    for name, side in zip(("before", "after"), shares, strict=True):
        for i, share in enumerate(side):
            height = share / top * (ground - 6)
            parts.append(
                f'<rect class="{name}" x="{i * step + 1:.1f}" y="{ground - height:.1f}"'
                f' width="{step - 2:.1f}" height="{height:.1f}">'
                f"<title>{name}: {percent(share)} {_where(edges, i)}</title></rect>"
            )
    for place, anchor, edge in ((1, "start", edges[0]), (n - 1, "end", edges[-1])):
        parts.append(
            f'<text x="{place * step:.1f}" y="{HEIGHT - 4}" text-anchor="{anchor}">'
            f"{escape(number(edge))}</text>"
        )
    parts.append(f'<text x="{WIDTH}" y="10" text-anchor="end">top bar {percent(top)}</text>')
    return _svg(WIDTH, HEIGHT, parts)


def _with_ends(side: Side | None) -> list[float]:
    """Shares with those below and above as a bar of their own at either end."""
    return [] if side is None else [side["below"], *side["shares"], side["above"]]


def _where(edges: Sequence[float], i: int) -> str:
    if i == 0:
        return f"below {number(edges[0])}"
    if i == len(edges):
        return f"above {number(edges[-1])}"
    return f"from {number(edges[i - 1])} to {number(edges[i])}"


def _shares(before: Mapping[str, float], after: Mapping[str, float]) -> str:
    names = list(dict.fromkeys([*after, *before]))[:MOST_ROWS]
    largest = [max(before.get(name, 0.0), after.get(name, 0.0)) for name in names]
    top, bar = max(largest, default=0.0) or 1.0, WIDTH - NAMES - SHARES
    parts = []
    for i, name in enumerate(names):
        old, new, y = before.get(name, 0.0), after.get(name, 0.0), i * ROW
        parts += [
            f'<text x="{NAMES - 8}" y="{y + 14}" text-anchor="end">{escape(_short(name))}</text>',
            _bar("before", y + 3, old / top * bar, 15),
            _bar("after", y + 6, new / top * bar, 9),
            f'<text x="{WIDTH}" y="{y + 14}" text-anchor="end">'
            f"{percent(old)} → {percent(new)}</text>",
        ]
    return _svg(WIDTH, ROW * len(names), parts)


def _bar(name: str, y: float, width: float, height: int) -> str:
    return (
        f'<rect class="{name}" x="{NAMES}" y="{y}" width="{max(width, 0.5):.1f}"'
        f' height="{height}"/>'
    )


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {width} {height}" role="img">{"".join(parts)}</svg>'
