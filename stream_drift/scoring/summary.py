"""A feature in a few figures that a reader understands."""

from __future__ import annotations

import math
from typing import Any

from stream_drift.profiles.layout import GRID_PER_SD, NumberLayout
from stream_drift.profiles.profile import Profile

TOP_CATEGORIES = 5
UNUSABLE = ("invalid", "not_finite")


def summary_of(profile: Profile, feature: str) -> dict[str, Any]:
    """Figures of a feature, and the top shares of a category."""
    layout = profile.layout
    i = layout.names.index(feature)
    shown, part = figures_of(profile, i), layout.parts[i]
    if isinstance(part, NumberLayout):
        return shown
    counts, usable = profile.bins_of(i).tolist(), shown["n"]
    names = [*part.kept, "(rare)", "(new)"]
    ranked = sorted(zip(names, counts, strict=True), key=lambda pair: -pair[1])
    top = {name: count / usable for name, count in ranked[:TOP_CATEGORIES] if count}
    new = profile.new_values.get(feature, {})
    return shown | {"shares": top} | ({"new": new} if new else {})


def figures_of(profile: Profile, i: int) -> dict[str, Any]:
    """Usable values, shares that are not usable, and mean and sd of a number.

    ``invalid`` and ``not_finite`` only where there are any; every share is of all events that
    could have carried the feature.
    """
    usable, offered = int(profile.usable()[i]), int(profile.offered()[i])
    missing = int(profile.view("missing")[i])
    shown: dict[str, Any] = {"n": usable, "missing": missing / offered if offered else None}
    for name in UNUSABLE:
        if count := int(profile.view(name)[i]):
            shown[name] = count / offered
    part = profile.layout.parts[i]
    return shown | _moments(profile, i, part, usable) if isinstance(part, NumberLayout) else shown


def _moments(profile: Profile, i: int, part: NumberLayout, n: int) -> dict[str, Any]:
    if not n:
        return {"mean": None, "sd": None}
    mean_grid = int(profile.view("sums")[i]) / n
    variance_grid = max(0.0, profile.square_sums()[i] / n - mean_grid**2)
    scale = part.unit / GRID_PER_SD
    return {"mean": part.centre + mean_grid * scale, "sd": math.sqrt(variance_grid) * scale}
