"""What a reference holds, in figures and little pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from rich.box import SIMPLE
from rich.table import Table

from stream_drift.cli.tables import print_result
from stream_drift.profiles.layout import NumberLayout
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import Reference
from stream_drift.scoring.summary import summary_of

N_BARS = 16
BARS = "▁▂▃▄▅▆▇█"
SHOWN_BETWEEN = (0.01, 0.99)
"""Quantiles between which a histogram is drawn: outliers would squeeze the rest into one bar."""


def reference_figures(reference: Reference) -> dict[str, Any]:
    """All of it, as plain values."""
    return {
        "id": reference.id,
        "created_at": reference.created_at,
        "n": reference.n,
        "features": [
            _feature_figures(reference.profile, i) for i in range(reference.layout.n_features)
        ],
    }


def _feature_figures(profile: Profile, i: int) -> dict[str, Any]:
    part = profile.layout.parts[i]
    figures = summary_of(profile, part.name)
    if isinstance(part, NumberLayout):
        known = figures["n"] > 0
        figures["low"] = float(profile.low[i]) if known else None
        figures["high"] = float(profile.high[i]) if known else None
        return {"name": part.name, "type": "number", **figures, "histogram": histogram(profile, i)}
    return {"name": part.name, "type": "category", **figures, "n_categories": len(part.kept)}


def histogram(profile: Profile, feature: int) -> str:
    """A number's density between its outer percentiles, one character per equal width.

    Within a bin the values are taken to lie evenly.
    """
    part = profile.layout.parts[feature]
    counts = profile.bins_of(feature)[1:-1]  # a reference has nothing out of range
    total = counts.sum()
    if not isinstance(part, NumberLayout) or not total:
        return ""
    edges = np.array(part.edges)
    share_below = np.concatenate([[0.0], np.cumsum(counts) / total])
    low, high = np.interp(SHOWN_BETWEEN, share_below, edges)
    mass = np.diff(np.interp(np.linspace(low, high, N_BARS + 1), edges, share_below))
    if mass.max() <= 0:
        return BARS[-1]
    heights = np.ceil(mass / mass.max() * len(BARS)).astype(int)
    return "".join(BARS[max(height, 1) - 1] for height in heights)


def print_figures(figures: Mapping[str, Any]) -> None:
    """A table for people."""
    table = Table(box=SIMPLE)
    for name in ("feature", "type"):
        table.add_column(name, no_wrap=True)
    for name in ("n", "missing", "mean", "sd"):
        table.add_column(name, justify="right")
    table.add_column("values")
    for feature in figures["features"]:
        table.add_row(
            feature["name"],
            feature["type"],
            f"{feature['n']:,}",
            share(feature["missing"]),
            figure(feature.get("mean")),
            figure(feature.get("sd")),
            _values(feature),
        )
    about = "reference {id} of {created_at}: {n:,} events".format_map(figures)
    print_result(about, table)


def _values(feature: Mapping[str, Any]) -> str:
    if feature["type"] == "number":
        low, high = figure(feature["low"]), figure(feature["high"])
        return f"{low} {feature['histogram']} {high}" if feature["n"] else ""
    return ", ".join(f"{name} {value:.0%}" for name, value in feature["shares"].items())


def figure(value: float | None) -> str:
    """Four significant digits; nothing where nothing is known."""
    return "" if value is None else f"{value:.4g}"


def share(value: float | None) -> str:
    """A share in percent."""
    return "" if value is None else f"{value:.1%}"
