"""Performance of a model that predicts a number."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.labelled import (
    ERROR_BINS,
    ERROR_GRID,
    SQUARE_LOW_BITS,
    LabelledLayout,
)
from stream_drift.scoring.performance_line import Z, insufficient, line, mean_line
from stream_drift.scoring.table import ScoreLine


def regression_lines(layout: LabelledLayout, counts: NDArray[np.int64]) -> list[ScoreLine]:
    """Mean absolute error, root mean square and mean error, in the label's units."""
    bins, sums = layout.view(counts, "labelled"), layout.view(counts, "sums").tolist()
    n = int(bins.sum())
    if not n:
        return [insufficient(name, 0) for name in ("mae", "rmse", "bias")]
    unit = layout.unit
    mae, bias = sums[0] / ERROR_GRID / n, sums[1] / ERROR_GRID / n
    square = ((sums[2] << SQUARE_LOW_BITS) + sums[3]) / ERROR_GRID**2 / n
    rmse = math.sqrt(square)
    fourth = float(bins @ ERROR_BINS**4) / n
    half = Z * math.sqrt(max(fourth - square**2, 0.0) / n) / (2 * rmse) if rmse else 0.0
    return [
        mean_line("mae", mae * unit, (square - mae**2) * unit**2, n, 0.0),
        line("rmse", rmse * unit, half * unit, n, 0.0),
        mean_line("bias", bias * unit, (square - bias**2) * unit**2, n),
    ]
