"""How long a shift would take to be found, and how far the baseline lies from the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.bets import BETS_PER_DIRECTION, LARGEST_LOG, SIZES
from stream_drift.detection.directions import Directions
from stream_drift.detection.docket import FLOOR_EVIDENCE
from stream_drift.detection.legendre import shift_in_sd
from stream_drift.detection.model import Model
from stream_drift.detection.noise import Noise
from stream_drift.detection.wander import Wander

Array = NDArray[np.float64]
_LONGEST_PANES = 10_000
_SETTLED_PANES = 300
_STILL = 1e-7
_NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Offset:
    """Baseline against reference: one direction's standing difference with a 95 % interval."""

    feature: str
    kind: str
    offset: float
    low: float
    high: float


def standing_offsets(directions: Directions, model: Model, panes: Array) -> tuple[Offset, ...]:
    """Offsets of every feature's location, category and quality shares, in reference sd.

    Reported, never an alarm: the model was accepted on the reference, the stream is what it is.
    """
    offset = model.season.levels.mean(axis=0) + model.moved
    variance = model.noise.long_run / np.maximum(panes, 1)
    variance = variance + directions.spread / np.maximum(directions.reference_n, 1)
    half = _NORMAL_95 * np.sqrt(variance)
    return tuple(
        Offset(
            directions.layout.names[feature],
            directions.kinds[i],
            *(_read(directions.kinds[i], float(offset[i] + half[i] * side)) for side in (0, -1, 1)),
        )
        for i, feature in enumerate(directions.features.tolist())
        if feature >= 0 and directions.weights[i] > 0 and i < directions.first_pair
    )


def _read(kind: str, value: float) -> float:
    return shift_in_sd(value) if kind == "location" else value


def expected_panes(
    directions: Directions, model: Model, threshold: float, n: float, shift: float
) -> float | None:
    """Panes until a lasting shift of a number's location is found; ``None``: not in 30 days or so.

    The expected path of the evidence of a typical number (median noise over locations) with ``n``
    events per pane, absorption by the wander included; a real path scatters around it.
    """
    places = [i for i, kind in enumerate(directions.kinds) if kind == "location"]
    if not places:
        return None
    noise = _typical(model.noise, places)
    weight = float(np.median(directions.weights[places])) / BETS_PER_DIRECTION
    total, gain, absorbed = _settled(noise, n)
    left, kept = 1 - absorbed, float(noise.memory[0])
    slack = float(noise.slack[0]) * left
    beyond_slack = max(slack, float(np.median(directions.floors[places])) * left)
    effective = n / (max(1.0, n * total / float(noise.spread[0])) * model.factor)
    budget, beyond, level = np.zeros(len(SIZES)), np.zeros(len(SIZES)), 0.0
    for panes in range(1, _LONGEST_PANES):
        excess = shift - kept * level
        budget = _grow(budget, effective, excess - slack)
        beyond = _grow(beyond, effective, excess - beyond_slack)
        found = np.exp(budget).sum() * weight >= threshold
        if found and np.exp(beyond).mean() >= FLOOR_EVIDENCE:
            return float(max(panes, 2))
        level, before = kept * level + gain * excess, level
        if excess - beyond_slack < SIZES[0] / 2 and abs(level - before) < _STILL:
            return None
    return None


def _typical(noise: Noise, places: list[int]) -> Noise:
    def median(values: Array) -> Array:
        return np.array([np.median(values[places])])

    return Noise(
        median(noise.within),
        median(noise.wander),
        median(noise.memory),
        median(noise.slack),
        median(noise.cell),
        np.maximum(median(noise.spread), 1e-12),
        median(noise.long_run),
    )


def _settled(noise: Noise, n: float) -> tuple[float, float, float]:
    """Predictive variance, gain and absorbed share of the filter after many panes."""
    wander, total, gain = Wander.start(noise), noise.within / n, noise.within * 0
    for pane in range(_SETTLED_PANES):
        expected = wander.predict(pane, noise)
        total = expected.variance + noise.within / n + noise.cell
        gain = expected.variance / total
        wander = expected.correct(pane, np.zeros(1), total, np.ones(1, bool))
    return float(total[0]), float(gain[0]), float(noise.memory[0] * wander.absorbed[0])


def _grow(logs: Array, effective: float, excess: float) -> Array:
    gain = effective * (SIZES * excess - SIZES**2 / 2)
    return np.asarray(np.logaddexp(logs, 0.0) + np.minimum(gain, LARGEST_LOG))
