"""Counts to proportions."""

from __future__ import annotations

import numpy as np

from stream_drift.scoring.counts import Counts, Floats

HALF_EVENT = 0.5
"""Added to every bin, so that an empty one has a logarithm (statistics.md 2.3)."""


def half_event_shares(counts: Counts) -> Floats:
    """Proportions of the bins after half an event was added to each, shape (..., n_bins).

    Padding is 1 in every sample, so that terms like ``(q - p) * log(q / p)`` vanish there. NaN
    where there are no events.
    """
    total = counts.size + HALF_EVENT * counts.n_bins
    return np.where(counts.valid, (counts.counts + HALF_EVENT) / total[..., None], 1.0)


def cdf(counts: Counts) -> Floats:
    """Share of the events up to the right end of every bin, shape (..., n_bins)."""
    return np.asarray(counts.real.cumsum(axis=-1) / counts.size[..., None])
