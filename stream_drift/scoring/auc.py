"""Area under the ROC curve from binned scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream_drift.scoring.counts import Floats


def auc(negatives: NDArray[np.int64], positives: NDArray[np.int64]) -> tuple[float, float]:
    """The chance that a positive scores above a negative, ties counting half, and its sd.

    The sd is that of DeLong, DeLong and Clarke-Pearson (1988), on the bins.

    Parameters
    ----------
    negatives, positives
        Counts per bin of the score, ascending; each side needs at least one event.

    Examples
    --------
    >>> auc(np.array([3, 1]), np.array([1, 3]))[0]
    0.75
    """
    above = _share_below(negatives)
    below = 1 - _share_below(positives)
    area = float(positives @ above / positives.sum())
    variance = _variance(above, positives) + _variance(below, negatives)
    return area, float(np.sqrt(variance))


def _share_below(counts: NDArray[np.int64]) -> Floats:
    """The share of events in lower bins, and half of those in the same."""
    return np.asarray((counts.cumsum() - counts / 2) / counts.sum())


def _variance(placements: Floats, counts: NDArray[np.int64]) -> float:
    """Variance of the mean placement of one side."""
    n = int(counts.sum())
    mean = counts @ placements / n
    return float(counts @ (placements - mean) ** 2 / max(n - 1, 1) / n)
