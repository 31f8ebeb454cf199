"""What two samples of one and the same law differ by, and taking it off."""

from __future__ import annotations

import numpy as np

from stream_drift.scoring.counts import Counts, Floats


def noise(live: Counts, reference: Counts) -> Floats:
    """``1/n + 1/m``: the scale of every null mean. NaN where a sample is empty, shape (...)."""
    return 1.0 / live.size + 1.0 / reference.size


def debiased(raw: Floats, null_mean: Floats) -> Floats:
    """``raw`` less what noise alone makes of it, floored at 0."""
    return np.asarray(np.maximum(raw - null_mean, 0.0))
