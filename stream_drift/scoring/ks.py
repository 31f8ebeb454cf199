"""Kolmogorov-Smirnov distance."""

from __future__ import annotations

import numpy as np
from scipy.special import kolmogorov

from stream_drift.scoring.counts import Counts, Score
from stream_drift.scoring.noise import debiased, noise
from stream_drift.scoring.proportions import cdf

NULL_MEAN = 0.869
"""Mean of the Kolmogorov law: ``sqrt(pi / 2) * log(2)``."""


def ks(live: Counts, reference: Counts) -> Score:
    """Greatest difference of the two distribution functions over all edges.

    Between edges it may be greater, so D is a lower bound and ``p_value`` conservative.

    Returns
    -------
    Score
        ``value`` is less the null mean ``0.869 * sqrt(1/n + 1/m)``; ``p_value`` by Kolmogorov's
        limit law.

    Examples
    --------
    >>> from stream_drift.scoring.counts import counts
    >>> score = ks(counts([30, 40, 30]), counts([400, 400, 200]))
    >>> round(float(score.raw), 3), round(float(score.p_value), 3)
    (0.1, 0.323)
    """
    raw = np.asarray(np.abs(cdf(live) - cdf(reference)).max(axis=-1))
    root = np.sqrt(noise(live, reference))
    return Score(raw, debiased(raw, NULL_MEAN * root), p_value=kolmogorov(raw / root))
