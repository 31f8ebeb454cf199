"""Bets on one pane: predicted centre, noise and tolerance of every direction, to log e-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.bets import SIZES, log_bets
from stream_drift.detection.directions import VOLUME_REACH, VOLUME_REACH_LOG, Directions
from stream_drift.detection.legendre import N_SHAPES
from stream_drift.detection.measure import Tally
from stream_drift.detection.pairs import LOST_EVENTS

Array = NDArray[np.float64]
SPARE = 1.1
"""How much more the bets on pairs take z to vary than it would if scores were normal."""


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What is expected of a pane before it is looked at, per direction.

    Attributes
    ----------
    centre
        Expected mean.
    total
        Predictive variance of the pane's mean.
    design
        ``total`` over the variance that independent events would have, at least 1.
    tolerance
        Slack of the budget's and of the floor's detector, shape (k, 2).
    """

    centre: Array
    total: Array
    design: Array
    tolerance: Array


def bet(directions: Directions, tally: Tally, means: Array, expected: Prediction) -> Array:
    """Log wealth of all bets, not yet tempered, shape (k, 2 detectors, 2 sides, 6 sizes)."""
    centre = np.clip(expected.centre, directions.lowest, directions.highest)
    tolerance = expected.tolerance
    logs = [
        _on_shapes(directions, tally, centre, tolerance),
        _on_shares(directions, tally, centre, tolerance),
        _on_pairs(directions, tally, means, expected),
        _on_volume(means, expected),
    ]
    return np.concatenate(logs)


def _on_shapes(directions: Directions, tally: Tally, centre: Array, tolerance: Array) -> Array:
    n = directions.n_shapes
    shape = (n // N_SHAPES, N_SHAPES)
    middle = centre[:n].reshape(shape)
    logs = log_bets(
        tally.table,
        directions.cells.phi - middle[:, :, None],
        directions.lowest[:n].reshape(shape) - middle,
        directions.highest[:n].reshape(shape) - middle,
        tolerance[:n].reshape(*shape, tolerance.shape[1]),
    )
    return np.asarray(logs.reshape(n, *logs.shape[2:]))


def _on_shares(directions: Directions, tally: Tally, centre: Array, tolerance: Array) -> Array:
    inside = slice(directions.n_shapes, directions.first_pair)
    counts = np.stack([tally.trials - tally.hits, tally.hits], axis=1)
    low = (directions.lowest - centre)[inside, None]
    high = (directions.highest - centre)[inside, None]
    excess = np.stack([low, high], axis=2)
    return np.asarray(log_bets(counts, excess, low, high, tolerance[inside, None])[:, 0])


def _on_pairs(directions: Directions, tally: Tally, means: Array, expected: Prediction) -> Array:
    """On Fisher's z, which is close to normal at any correlation: a bet in its normal form."""
    inside = slice(directions.first_pair, directions.volume)
    both, _ = directions.pairs.measure(tally.joint)
    n = np.maximum(both - LOST_EVENTS, 0)[:, None, None, None]
    excess = (means - expected.centre)[inside, None, None, None]
    sides = np.concatenate([excess, -excess], axis=2)
    over = sides - expected.tolerance[inside, :, None, None]
    return np.asarray(n * (SIZES * over - SPARE * SIZES**2 / 2))


def _on_volume(means: Array, expected: Prediction) -> Array:
    """One draw per pane, in predictive sd, clipped: bounded whatever the law of volumes."""
    sd = max(float(np.sqrt(expected.total[-1])), 1e-3)
    widest = max(VOLUME_REACH, VOLUME_REACH_LOG / sd)
    excess = (means[-1] - expected.centre[-1]) / sd
    reach = np.array([[widest]])
    value = np.clip(np.array([[[excess]]]), -widest, widest)
    tolerance = np.minimum(expected.tolerance[-1:] / sd, widest)[None]
    return np.asarray(log_bets(np.ones((1, 1)), value, -reach, reach, tolerance)[0])
