"""Every way in which a model's performance may change, as means of values on [0, 1]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.labelled import ERROR_BINS, LabelledLayout
from stream_drift.scoring.binary_scores import bin_losses

Array = NDArray[np.float64]
ERROR_REACH = 8.0
"""Errors of a regression enter the bets clipped at so many sd of the predictions."""
SHARE_WEIGHT = 0.5
ERROR_WEIGHT = 4.0
PLAIN_TOLERANCE, RELATIVE_TOLERANCE = 0.01, 0.1
"""A rise by less than 1 pp, or 10 % of what is normal, is worth no incident."""
BIAS_TOLERANCE_SD = 0.05


@dataclass(frozen=True, slots=True)
class Figure:
    """How the mean of a direction is shown: ``offset + factor * mean``, as ``%`` or a number."""

    offset: float
    factor: float
    is_share: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class PerformanceDirections:
    """The table; a direction's mean rises where the model does worse, or another share comes.

    Attributes
    ----------
    kinds
        What rises or falls, such as ``error``.
    values
        On [0, 1], shape (k, cells of ``labelled``).
    asked
        1 where a cell belongs to the direction's denominator, the same shape.
    weights
        Sum 1.
    figures
        How each is shown.
    """

    kinds: tuple[str, ...]
    values: Array
    asked: Array
    weights: Array
    figures: tuple[Figure, ...]

    def __len__(self) -> int:
        return len(self.kinds)

    def sums(self, counts: NDArray[np.int64]) -> tuple[Array, Array, Array]:
        """Denominators, sums and sums of squares of each direction, each of shape (k,)."""
        asked = self.asked * counts
        return (
            asked.sum(axis=1),
            (asked * self.values).sum(axis=1),
            (asked * self.values**2).sum(axis=1),
        )

    def tolerances(self, normal: Array) -> Array:
        """The smallest rises worth an incident."""
        found = np.maximum(PLAIN_TOLERANCE, RELATIVE_TOLERANCE * normal)
        is_bias = np.array([kind == "bias" for kind in self.kinds])
        return np.where(is_bias, BIAS_TOLERANCE_SD / (2 * ERROR_REACH), found)


def performance_directions(
    layout: LabelledLayout, *, positives_only: bool = False
) -> PerformanceDirections:
    """All directions of a task."""
    match layout.task:
        case "binary":
            return _binary(layout, positives_only=positives_only)
        case "multiclass":
            return _multiclass(layout)
        case "regression":
            return _regression(layout)


_Entry = tuple[str, Array, Array, float, Figure]
"""Kind, values, asked, weight, figure."""


def _table(entries: list[_Entry]) -> PerformanceDirections:
    kinds, values, asked, weights, figures = zip(*entries, strict=True)
    weight = np.array(weights) / sum(weights)
    return PerformanceDirections(kinds, np.stack(values), np.stack(asked), weight, figures)


def _binary(layout: LabelledLayout, *, positives_only: bool) -> PerformanceDirections:
    shape = (layout.n_strata, 2, 2)
    _, actual, predicted = (axis.ravel().astype(float) for axis in np.indices(shape))
    every, wrong = np.ones(actual.shape), (actual != predicted).astype(float)
    complement, plain = Figure(1.0, -1.0), Figure(0.0, 1.0)
    precision: _Entry = ("precision", wrong, predicted, 1.0, complement)
    if positives_only:
        return _table([precision])
    entries: list[_Entry] = [
        ("error", wrong, every, ERROR_WEIGHT, plain),
        precision,
        ("recall", wrong, actual, 1.0, complement),
        ("share of positives", actual, every, SHARE_WEIGHT, plain),
        ("share of positives", 1 - actual, every, SHARE_WEIGHT, complement),
    ]
    if layout.scored:
        losses = bin_losses()
        loss = np.repeat((losses / losses.max())[:, :, None], 2, axis=2).ravel()
        entries.append(("log loss", loss, every, 1.0, _number(float(losses.max()))))
    return _table(entries)


def _multiclass(layout: LabelledLayout) -> PerformanceDirections:
    k = len(layout.classes)
    actual, predicted = (axis.ravel() for axis in np.indices((k, k)))
    every = np.ones(actual.shape)
    entries: list[_Entry] = [
        ("error", (actual != predicted).astype(float), every, ERROR_WEIGHT, Figure(0.0, 1.0))
    ]
    for i, name in enumerate(layout.classes):
        is_class, kind = (actual == i).astype(float), f"share of {name!r}"
        entries += [
            (kind, is_class, every, SHARE_WEIGHT / k, Figure(0.0, 1.0)),
            (kind, 1 - is_class, every, SHARE_WEIGHT / k, Figure(1.0, -1.0)),
        ]
    return _table(entries)


def _regression(layout: LabelledLayout) -> PerformanceDirections:
    clipped, every = np.clip(ERROR_BINS, -ERROR_REACH, ERROR_REACH), np.ones(len(ERROR_BINS))
    reach = ERROR_REACH * layout.unit
    up = (clipped / ERROR_REACH + 1) / 2
    return _table(
        [
            (
                "mean absolute error",
                abs(clipped) / ERROR_REACH,
                every,
                ERROR_WEIGHT,
                _number(reach),
            ),
            ("bias", up, every, 1.0, Figure(-reach, 2 * reach, is_share=False)),
            ("bias", 1 - up, every, 1.0, Figure(reach, -2 * reach, is_share=False)),
        ]
    )


def _number(factor: float) -> Figure:
    return Figure(0.0, factor, is_share=False)
