"""Kolmogorov-Smirnov distance."""

from __future__ import annotations

import numpy as np
from scipy.special import kolmogorov

from stream_drift.scoring.bridge import mean_distances
from stream_drift.scoring.counts import Counts, Score
from stream_drift.scoring.noise import debiased, noise
from stream_drift.scoring.proportions import cdf


def ks(live: Counts, reference: Counts) -> Score:
    """Greatest difference of the two distribution functions over all edges.

    Between edges it may be greater, so D is a lower bound and ``p_value`` conservative.

    Returns
    -------
    Score
        ``value`` is less the null mean over these edges, which few values keep small (see
        `mean_distances`); ``p_value`` by Kolmogorov's limit law.

    Examples
    --------
    >>> from stream_drift.scoring.counts import counts
    >>> score = ks(counts([30, 40, 30]), counts([400, 400, 200]))
    >>> round(float(score.raw), 3), round(float(score.p_value), 3)
    (0.1, 0.323)
    """
    normal = cdf(reference)
    raw = np.asarray(np.abs(cdf(live) - normal).max(axis=-1))
    root = np.sqrt(noise(live, reference))
    return Score(raw, debiased(raw, mean_distances(normal) * root), p_value=kolmogorov(raw / root))
