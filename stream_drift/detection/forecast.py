"""How long a shift would take to be found, and how far the baseline lies from the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.bets import BETS_PER_DIRECTION, LARGEST_LOG, SIZES
from stream_drift.detection.directions import Directions
from stream_drift.detection.docket import FLOOR_EVIDENCE
from stream_drift.detection.model import Model
from stream_drift.detection.noise import Noise
from stream_drift.detection.wander import Wander

Array = NDArray[np.float64]
_LONGEST_PANES = 30_000
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
            float(offset[i]),
            float(offset[i] - half[i]),
            float(offset[i] + half[i]),
        )
        for i, feature in enumerate(directions.features.tolist())
        if feature >= 0 and directions.weights[i] > 0
    )


def expected_panes(
    directions: Directions, model: Model, threshold: float, n: float, shift: float
) -> float | None:
    """Panes until a lasting shift of a number's location is found; ``None`` beyond 30 000.

    The expected path of the evidence of a typical number (median noise over locations) with ``n``
    events per pane, absorption by the wander included; a real path scatters around it.
    """
    places = [i for i, kind in enumerate(directions.kinds) if kind == "location"]
    if not places:
        return None
    noise = _typical(model.noise, places)
    least = float(np.median(directions.weights[places]))
    floor = float(np.median(directions.floors[places]))
    wander = Wander.start(noise)
    for pane in range(_SETTLED):
        wander, total = _step(wander, noise, pane, n)
    settled = float(wander.absorbed[0])
    left, budget, beyond = 1 - settled, np.zeros(len(SIZES)), np.zeros(len(SIZES))
    level = 0.0
    for pane in range(_SETTLED, _SETTLED + _LONGEST_PANES):
        kept = float(noise.memory[0])
        level *= kept
        wander, total = _step(wander, noise, pane, n)
        gain = float(1 - (wander.variance / (total - noise.within / n))[0])
        slack = float(noise.slack[0]) * left
        design = max(1.0, n * float(total[0]) / float(noise.spread[0])) * model.factor
        budget = _grow(budget, n / design, shift - level - slack)
        beyond = _grow(beyond, n / design, shift - level - max(slack, floor * left))
        level += gain * (shift - level)
        if (
            np.exp(budget).sum() * least / BETS_PER_DIRECTION >= threshold
            and np.exp(beyond).sum() / BETS_PER_DIRECTION >= FLOOR_EVIDENCE
        ):
            return float(max(pane - _SETTLED + 1, 2))
    return None


_SETTLED = 300


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


def _step(wander: Wander, noise: Noise, pane: int, n: float) -> tuple[Wander, Array]:
    expected = wander.predict(pane, noise)
    total = expected.variance + noise.within / n + noise.cell
    zero = np.zeros(1)
    return expected.correct(pane, zero, total, np.ones(1, bool)), total


def _grow(logs: Array, effective: float, excess: float) -> Array:
    gain = effective * (SIZES * excess - SIZES**2 / 2)
    return np.asarray(np.logaddexp(logs, 0.0) + np.minimum(gain, LARGEST_LOG))
