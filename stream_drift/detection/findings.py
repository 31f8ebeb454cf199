"""Guilty directions in words, with effect sizes and intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.confidence import half_width
from stream_drift.detection.decision import Aspect, Finding, Onset, Unit
from stream_drift.detection.directions import SHAPE_KINDS, VOLUME, VOLUME_FLOOR, Directions
from stream_drift.detection.episode import Episode, Guilt
from stream_drift.detection.legendre import shift_in_sd
from stream_drift.detection.model import Model
from stream_drift.detection.settings import BudgetSettings

Array = NDArray[np.float64]
WORDS = {"scale": "variance"}
BANDS = (0.1, 0.25, 0.5)
"""Effects in reference sd from which an incident weighs more."""
_PLAIN_FLOOR = 0.05


def findings(
    episode: Episode, directions: Directions, model: Model, settings: BudgetSettings
) -> tuple[Finding, ...]:
    """One finding per guilty feature, the clearest effect first."""
    by_feature: dict[int, list[Guilt]] = {}
    for guilt in episode.guilty.values():
        by_feature.setdefault(int(directions.features[guilt.direction]), []).append(guilt)
    found = [
        _finding(guilts, directions, model, settings, confirmed=feature in episode.confirmed)
        for feature, guilts in by_feature.items()
    ]
    return tuple(sorted(found, key=lambda finding: (-finding.effect_sd, finding.feature or "")))


def _finding(
    guilts: Sequence[Guilt],
    directions: Directions,
    model: Model,
    settings: BudgetSettings,
    *,
    confirmed: bool,
) -> Finding:
    sized = [(bound_in_sd(g, directions, model), abs(g.effect), g) for g in guilts]
    sized.sort(key=lambda entry: (-entry[0], -entry[1], entry[2].direction))
    bound, _, leading = sized[0]
    i = leading.direction
    low, high = interval(leading, directions, model)
    name = directions.feature_name(i)
    effect, low, high, unit = in_units(i, (leading.effect, low, high), directions, settings)
    reasons = tuple(_words(directions.kinds[g.direction], g.side) for *_, g in sized)
    aspect: Aspect = "quality" if directions.quality[i] else "distribution"
    return Finding(
        name, reasons, confirmed, effect, low, high, unit, bound, aspect, leading.onset_ms
    )


def _words(kind: str, side: int) -> str:
    return f"{WORDS.get(kind, kind)} {'down' if side else 'up'}"


def interval(guilt: Guilt, directions: Directions, model: Model) -> tuple[float, float]:
    """95 % interval of the effect since onset, valid at all times, in the direction's sd."""
    events, _, panes = guilt.since
    variance = max(
        model.variance_of_mean(panes, events)[guilt.direction],
        model.factor * _within(guilt, directions, model) / max(events, 1.0),
    )
    half = float(half_width(np.maximum(panes, 1), np.asarray(variance)))
    return guilt.effect - half, guilt.effect + half


def _within(guilt: Guilt, directions: Directions, model: Model) -> float:
    """Variance of one event, at least that of a share as large as it is now."""
    i, now = guilt.direction, 0.0
    if directions.kinds[i] not in (*SHAPE_KINDS, VOLUME):
        unit = float(directions.units[i])
        share = min(max((guilt.effect - float(directions.lowest[i])) * unit, 0.0), 1.0)
        now = share * (1 - share) / unit**2
    return float(max(model.noise.within[i], now) * model.least_design[i])


def bound_in_sd(guilt: Guilt, directions: Directions, model: Model) -> float:
    """The bound of the effect nearest to zero, in reference sd, 0 if zero is inside."""
    low, high = interval(guilt, directions, model)
    bound = max(0.0, low, -high)
    kind = directions.kinds[guilt.direction]
    if kind == VOLUME:
        return bound * _PLAIN_FLOOR / VOLUME_FLOOR
    return shift_in_sd(bound) if kind == "location" else bound


def in_units(
    direction: int,
    values: tuple[float, float, float],
    directions: Directions,
    settings: BudgetSettings,
) -> tuple[float, float, float, Unit]:
    """Effect and interval from the direction's sd to what people read."""
    kind, name = directions.kinds[direction], directions.feature_name(direction)
    if name is None:
        effect, low, high = (float(np.expm1(min(value, 50.0))) for value in values)
        return effect, low, high, "share"
    if kind not in SHAPE_KINDS:
        effect, low, high = (value * float(directions.units[direction]) for value in values)
        return effect, low, high, "share"
    if kind == "location":
        effect, low, high = (shift_in_sd(value) for value in values)
        values = effect, low, high
    own = settings.smallest_effects.get(name)
    if kind == "location" and own is not None and own.unit == "feature":
        unit = directions.layout.numbers[int(directions.features[direction])].unit
        effect, low, high = (value * unit for value in values)
        return effect, low, high, "feature"
    return (*values, "sd")


def onset(episode: Episode) -> Onset:
    """When it began, by the direction with the most evidence at the opening."""
    first = next(iter(episode.guilty.values()))
    return Onset(first.onset_ms, first.earliest_ms, first.latest_ms)


def band(found: Sequence[Finding]) -> int:
    """Severity band of the largest sure effect: 0 to 3."""
    largest = max((finding.effect_sd for finding in found), default=0.0)
    return int(np.searchsorted(BANDS, largest, side="right"))
