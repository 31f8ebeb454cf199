"""Performance of a model that tells two classes apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.label_count import LOSS_CLIP
from stream_drift.profiles.labelled import SCORE_BINS, SCORE_GRID, LabelledLayout
from stream_drift.scoring.auc import auc
from stream_drift.scoring.counts import Floats
from stream_drift.scoring.performance_line import Z, insufficient, line, mean_line, share_line
from stream_drift.scoring.table import ScoreLine

Ints = NDArray[np.int64]
SCORE_MIDDLES = (np.arange(SCORE_BINS) + 0.5) / SCORE_BINS


def binary_lines(
    layout: LabelledLayout, counts: Ints, *, positives_only: bool = False
) -> list[ScoreLine]:
    """Accuracy, precision, recall and f1; with scores their loss, ranking and calibration."""
    labelled = layout.view(counts, "labelled")
    (tn, fp), (fn, tp) = labelled.sum(axis=0).tolist()
    precision = share_line("precision", tp, tp + fp)
    if positives_only:
        return [precision]
    lines = [
        share_line("accuracy", tn + tp, tn + fp + fn + tp),
        precision,
        share_line("recall", tp, tp + fn),
        _f1(tp, tp + fp + fn),
    ]
    if layout.scored:
        lines += _score_lines(labelled.sum(axis=2), layout.view(counts, "sums"))
    return lines


def _f1(tp: int, n: int) -> ScoreLine:
    """From Jaccard's share of hits among the predicted or actual positives: f1 = 2j / (1 + j)."""
    jaccard = share_line("f1", tp, n)
    if jaccard.value is None or jaccard.low is None or jaccard.high is None:
        return jaccard
    value, low, high = (2 * j / (1 + j) for j in (jaccard.value, jaccard.low, jaccard.high))
    return replace(jaccard, value=value, raw=value, low=low, high=high)


def _score_lines(by_class: Ints, sums: Ints) -> list[ScoreLine]:
    """From counts per score bin and class, shape (bins, 2), and the exact sums."""
    n, n_positive = int(by_class.sum()), int(by_class[:, 1].sum())
    if not n:
        return [insufficient(name, 0) for name in ("log_loss", "brier", "auc", "calibration")]
    loss, squared, score = (int(total) / SCORE_GRID / n for total in sums)
    gap = n_positive / n - score
    return [
        mean_line("log_loss", loss, _variance(by_class, bin_losses()), n, 0.0),
        mean_line("brier", squared, _variance(by_class, _bin_squares()), n, 0.0),
        _auc_line(by_class, n, n_positive),
        mean_line("calibration", gap, squared - gap**2, n),
    ]


def _auc_line(by_class: Ints, n: int, n_positive: int) -> ScoreLine:
    if n_positive in (0, n):
        return insufficient("auc", n)
    value, sd = auc(by_class[:, 0], by_class[:, 1])
    return line("auc", value, Z * sd, n, 0.0)


def _variance(by_class: Ints, values: Floats) -> float:
    """Variance of a quantity that is known per bin and class."""
    n = by_class.sum()
    mean = (by_class * values).sum() / n
    return float((by_class * (values - mean) ** 2).sum() / n)


def bin_losses() -> Floats:
    """The log loss of a score in the middle of its bin, shape (bins, 2)."""
    p = np.clip(SCORE_MIDDLES, LOSS_CLIP, 1 - LOSS_CLIP)
    return -np.log(np.stack([1 - p, p], axis=1))


def _bin_squares() -> Floats:
    return np.stack([SCORE_MIDDLES, 1 - SCORE_MIDDLES], axis=1) ** 2
