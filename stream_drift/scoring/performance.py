"""How well the model did on predictions whose labels are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.labelled import LabelledLayout
from stream_drift.scoring.binary_scores import binary_lines
from stream_drift.scoring.multiclass_scores import multiclass_lines
from stream_drift.scoring.performance_line import insufficient, mean_line, share_line
from stream_drift.scoring.regression_scores import regression_lines
from stream_drift.scoring.table import ScoreLine

PERFORMANCE: Mapping[str, str] = {
    "accuracy": "share of labelled predictions that were right",
    "precision": "share of predicted positives that were positive; many classes: their mean",
    "recall": "share of actual positives that were predicted; many classes: their mean",
    "f1": "harmonic mean of precision and recall",
    "log_loss": "mean log loss of the score, in nats",
    "brier": "mean squared error of the score",
    "auc": "chance that a positive has a higher score than a negative",
    "calibration": "share of positives less mean score",
    "mae": "mean absolute error",
    "rmse": "root of the mean squared error",
    "bias": "mean prediction less mean label",
    "label_share": "share of the predictions that have a label",
    "label_delay": "mean seconds from a prediction to its label",
}
"""All published scores of performance, with what they mean."""


def performance_lines(
    layout: LabelledLayout, counts: NDArray[np.int64], *, positives_only: bool = False
) -> list[ScoreLine]:
    """All scores of performance of one pane, model-level, in the order of `PERFORMANCE`.

    Parameters
    ----------
    counts
        On ``layout``.
    positives_only
        Only predicted positives ever get a label: nothing but their precision can be known.
    """
    match layout.task:
        case "binary":
            lines = binary_lines(layout, counts, positives_only=positives_only)
        case "multiclass":
            lines = multiclass_lines(layout, counts)
        case "regression":
            lines = regression_lines(layout, counts)
    return [*lines, _label_share(layout, counts, positives_only=positives_only)]


def _label_share(
    layout: LabelledLayout, counts: NDArray[np.int64], *, positives_only: bool
) -> ScoreLine:
    labelled, predicted = n_labelled(layout, counts), layout.view(counts, "predicted")
    awaited = predicted[:, 1].sum() if positives_only else predicted.sum()
    return share_line("label_share", labelled, int(awaited))


def delay_line(delays_ms: NDArray[np.int64]) -> ScoreLine:
    """The mean time from a prediction to its label, in seconds."""
    n, seconds = len(delays_ms), delays_ms / 1000
    if not n:
        return insufficient("label_delay", 0)
    return mean_line("label_delay", float(seconds.mean()), float(seconds.var()), n)


def n_labelled(layout: LabelledLayout, counts: NDArray[np.int64]) -> int:
    """Predictions whose label is known."""
    return int(counts[layout.slices["labelled"]].sum())
