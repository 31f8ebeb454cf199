"""Guilty directions in words, with effect sizes and intervals."""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.confidence import half_width
from stream_drift.detection.decision import Finding, Onset, Unit
from stream_drift.detection.directions import SHAPE_KINDS, VOLUME, VOLUME_FLOOR, Directions
from stream_drift.detection.episode import Episode, Guilt
from stream_drift.detection.legendre import shift_in_sd
from stream_drift.detection.model import Model
from stream_drift.detection.pairs import CORRELATION, TOGETHER
from stream_drift.detection.settings import BudgetSettings

Array = NDArray[np.float64]
Values = tuple[float, float, float]
"""An effect and the ends of its interval."""
SD: Unit = "sd"
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
        i = guilt.direction
        for feature in {int(directions.features[i]), int(directions.partners[i])}:
            by_feature.setdefault(feature, []).append(guilt)
    found = [
        _finding(feature, guilts, directions, model, settings, episode.confirmed)
        for feature, guilts in by_feature.items()
    ]
    return tuple(sorted(found, key=lambda finding: (-finding.effect_sd, finding.feature or "")))


def _finding(
    feature: int,
    guilts: Sequence[Guilt],
    directions: Directions,
    model: Model,
    settings: BudgetSettings,
    confirmed: Container[int],
) -> Finding:
    sized = [(bound_in_sd(g, directions, model), abs(g.effect), g) for g in guilts]
    sized.sort(key=lambda entry: (-entry[0], -entry[1], entry[2].direction))
    bound, _, leading = sized[0]
    i = leading.direction
    values = (leading.effect, *interval(leading, directions, model))
    if directions.kinds[i] == CORRELATION:
        effect, low, high, unit = *_in_correlation(i, values, directions, model), SD
    elif directions.kinds[i] == TOGETHER:
        effect, low, high, unit = *values, SD
    else:
        effect, low, high, unit = in_units(i, values, directions, settings)
    return Finding(
        None if feature < 0 else directions.layout.names[feature],
        tuple(_reason(guilt, feature, directions, model) for *_, guilt in sized),
        feature in confirmed,
        effect,
        low,
        high,
        unit,
        bound,
        "quality" if directions.quality[i] else "distribution",
        leading.onset_ms,
    )


def _reason(guilt: Guilt, feature: int, directions: Directions, model: Model) -> str:
    i = guilt.direction
    kind = directions.kinds[i]
    if kind == TOGETHER:
        return f"{kind} moved"
    if kind != CORRELATION:
        return f"{WORDS.get(kind, kind)} {'down' if guilt.side else 'up'}"
    here, there = int(directions.features[i]), int(directions.partners[i])
    other = directions.layout.names[there if here == feature else here]
    was = _usual_z(i, directions, model)
    return f"{CORRELATION} with {other} {np.tanh(was):.2f} → {np.tanh(was + guilt.effect):.2f}"


def _usual_z(pair: int, directions: Directions, model: Model) -> float:
    level = model.season.levels[:, pair].mean() + model.moved[pair]
    return float(directions.pairs.z[pair - directions.first_pair] + level)


def _in_correlation(pair: int, values: Values, directions: Directions, model: Model) -> Values:
    """An effect and its interval as differences of correlations."""
    was = _usual_z(pair, directions, model)
    effect, low, high = (float(np.tanh(was + value) - np.tanh(was)) for value in values)
    return effect, low, high


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
    if directions.kinds[i] not in (*SHAPE_KINDS, VOLUME, CORRELATION, TOGETHER):
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
    values: Values,
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
