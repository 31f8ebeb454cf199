"""Logistic regression by Newton's method, with a little ridge so that it always ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

Array = NDArray[np.float64]
RIDGE = 1.0
MAX_STEPS = 25
MAX_HALVINGS = 12
_ENOUGH = 1e-6


def fit_logistic(
    live: Array, reference: Array, ridge: float = RIDGE, start: Array | None = None
) -> tuple[float, Array]:
    """The rule that tells live rows from reference rows, both sides weighing the same.

    Parameters
    ----------
    live, reference
        Rows of columns of about unit variance, shapes (n, k) and (m, k).
    ridge
        Weight of the squared coefficients; that of the constant is free.
    start
        Constant and coefficients to start from, such as those of an hour ago.

    Returns
    -------
    Constant and coefficients: above 0 a row looks live.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> constant, (slope,) = fit_logistic(rng.normal(1, 1, (9999, 1)), rng.normal(0, 1, (9999, 1)))
    >>> round(float(slope), 1), round(constant, 1)
    (1.0, -0.5)
    """
    n, m = len(live), len(reference)
    rows = np.concatenate([live, reference])
    rows = np.concatenate([np.ones((n + m, 1)), rows], axis=1)
    sides = np.concatenate([np.ones(n), -np.ones(m)])
    weights = np.concatenate([np.full(n, (n + m) / 2 / n), np.full(m, (n + m) / 2 / m)])
    penalty = np.full(rows.shape[1], ridge)
    penalty[0] = 0.0
    found = np.zeros(rows.shape[1]) if start is None else start
    loss = _loss(rows, sides, weights, penalty, found)
    for _ in range(MAX_STEPS):
        step = _newton_step(rows, sides, weights, penalty, found)
        found, before = _shortened(rows, sides, weights, penalty, found, step, loss), loss
        loss = _loss(rows, sides, weights, penalty, found)
        if before - loss <= _ENOUGH * (1 + abs(loss)):
            break
    return float(found[0]), found[1:]


def _loss(rows: Array, sides: Array, weights: Array, penalty: Array, at: Array) -> float:
    margins = sides * (rows @ at)
    return float((weights * np.logaddexp(0, -margins)).sum() + (penalty * at**2).sum() / 2)


def _newton_step(rows: Array, sides: Array, weights: Array, penalty: Array, at: Array) -> Array:
    chance = expit(rows @ at)
    slope = rows.T @ (weights * (chance - (sides > 0))) + penalty * at
    curvature = (rows * (weights * chance * (1 - chance))[:, None]).T @ rows
    curvature[np.diag_indices_from(curvature)] += penalty + _ENOUGH
    return np.asarray(-cho_solve(cho_factor(curvature), slope))


def _shortened(
    rows: Array, sides: Array, weights: Array, penalty: Array, at: Array, step: Array, loss: float
) -> Array:
    """One step further, halved until it is one downwards."""
    for _ in range(MAX_HALVINGS):
        if _loss(rows, sides, weights, penalty, at + step) <= loss:
            return at + step
        step = step / 2
    return at
