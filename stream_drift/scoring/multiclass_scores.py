"""Performance of a model that tells many classes apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.labelled import LabelledLayout
from stream_drift.scoring.counts import Floats
from stream_drift.scoring.performance_line import mean_line, share_line
from stream_drift.scoring.table import ScoreLine


def multiclass_lines(layout: LabelledLayout, counts: NDArray[np.int64]) -> list[ScoreLine]:
    """Accuracy, and the means over classes of precision and recall."""
    table = layout.view(counts, "labelled").sum(axis=0)
    n, hits = int(table.sum()), np.diagonal(table)
    return [
        share_line("accuracy", int(hits.sum()), n),
        _macro("precision", hits, table.sum(axis=0), table, n),
        _macro("recall", hits, table.sum(axis=1), table, n),
    ]


def _macro(
    name: str, hits: NDArray[np.int64], of: NDArray[np.int64], table: NDArray[np.int64], n: int
) -> ScoreLine:
    """The mean over the classes that occur; one that is never asked for counts as 0."""
    occurs = table.sum(axis=0) + table.sum(axis=1) > 0
    k = max(int(occurs.sum()), 1)
    shares: Floats = hits / np.maximum(of, 1)
    variance = float((shares * (1 - shares) / np.maximum(of, 1)).sum()) / k**2
    return mean_line(name, float(shares.sum()) / k, variance * n, n, 0.0)
