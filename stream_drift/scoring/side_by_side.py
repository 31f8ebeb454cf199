"""One feature before and after, in figures and pictures of the same scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from stream_drift.profiles.layout import CategoryLayout, NumberLayout
from stream_drift.profiles.profile import Profile
from stream_drift.scoring.spread import Spread, spread_of
from stream_drift.scoring.summary import figures_of

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
N_BARS = 20
SHOWN_BETWEEN = (0.01, 0.99)
"""Quantiles between which a histogram is drawn: outliers would squeeze the rest into one bar."""
MOST_MOVED, LARGEST = 8, 4
"""Categories that are listed: those whose share moved most, and the largest of either side."""
MOST_NEW = 5

Sides = tuple[dict[str, Any], dict[str, Any]]


def side_by_side(before: Profile, after: Profile, feature: str) -> Sides:
    """Figures of a feature on both sides; categories and edges of bars are the same on both.

    Both have ``n`` (usable values) and ``missing`` (share of all events, with ``invalid`` and
    ``not_finite`` where there are any). Numbers: ``mean``, ``sd``, ``quantiles``, ``histogram``
    (``edges``; ``shares`` between them; what lies ``below`` and ``above``), ``out_of_range``.
    Categories: ``shares`` of those that moved most, ``new`` values by name with counts of the last
    pane.
    """
    i = before.layout.names.index(feature)
    sides = figures_of(before, i), figures_of(after, i)
    part = before.layout.parts[i]
    if isinstance(part, NumberLayout):
        _add_spreads(sides, spread_of(before, i), spread_of(after, i))
        _add_out_of_range(sides, before, after, i)
    else:
        _add_shares(sides, part, before, after, i)
    return sides


def _add_spreads(sides: Sides, before: Spread | None, after: Spread | None) -> None:
    found = [spread for spread in (before, after) if spread is not None]
    if not found:
        return
    low = min(spread.quantile(SHOWN_BETWEEN[0]) for spread in found)
    high = max(spread.quantile(SHOWN_BETWEEN[1]) for spread in found)
    edges = np.linspace(low, high, N_BARS + 1) if high > low else np.nextafter(low, [low, np.inf])
    for side, spread in zip(sides, (before, after), strict=True):
        if spread is None:
            continue
        side["quantiles"] = {f"{q:g}": spread.quantile(q) for q in QUANTILES}
        side["histogram"] = {
            "edges": edges.tolist(),
            "shares": spread.shares(edges).tolist(),
            "below": spread.share_below(low),
            "above": 1 - spread.share_below(float(edges[-1])),
        }


def _add_out_of_range(sides: Sides, before: Profile, after: Profile, i: int) -> None:
    outside = [int(bins[0] + bins[-1]) for bins in (before.bins_of(i), after.bins_of(i))]
    if any(outside):
        for side, count in zip(sides, outside, strict=True):
            side["out_of_range"] = count / max(side["n"], 1)


def _add_shares(
    sides: Sides, part: CategoryLayout, before: Profile, after: Profile, i: int
) -> None:
    names = [*part.kept, "(rare)", "(new)"]
    counts = before.bins_of(i), after.bins_of(i)
    shares = [found / max(int(found.sum()), 1) for found in counts]
    moved = np.argsort(-np.abs(shares[1] - shares[0]), kind="stable")[:MOST_MOVED]
    largest = [np.argsort(-side, kind="stable")[:LARGEST] for side in shares]
    listed = list(dict.fromkeys(np.concatenate([moved, *largest]).tolist()))
    present = [place for place in listed if shares[0][place] + shares[1][place] > 0]
    for side, share in zip(sides, shares, strict=True):
        if side["n"]:
            side["shares"] = {names[place]: float(share[place]) for place in present}
    new = after.new_values.get(part.name, {})
    if new:
        ranked = sorted(new.items(), key=lambda pair: (-pair[1], pair[0]))
        sides[1]["new"] = dict(ranked[:MOST_NEW])
