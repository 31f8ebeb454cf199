"""Pearson's chi-squared test of homogeneity."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc

from stream_drift.scoring.contingency import contingency
from stream_drift.scoring.counts import Counts, Score
from stream_drift.scoring.noise import debiased


def chi2(live: Counts, reference: Counts) -> Score:
    """Chi-squared statistic that both histograms come from one law; both are samples.

    Returns
    -------
    Score
        ``value`` is less the degrees of freedom (bins after pooling, less 1); ``p_value`` from
        the chi-squared law, 1 where only one bin is left.

    Examples
    --------
    >>> from stream_drift.scoring.counts import counts
    >>> score = chi2(counts([60, 40]), counts([500, 500]))
    >>> round(float(score.raw), 3), round(float(score.p_value), 3)
    (3.638, 0.056)
    """
    table = contingency(live, reference)
    freedom = np.asarray(table.n_columns - 1, np.float64)
    tail = np.where(freedom > 0, chdtrc(np.maximum(freedom, 1.0), table.statistic), 1.0)
    p_value = np.where(np.isnan(table.statistic), np.nan, tail)
    return Score(table.statistic, debiased(table.statistic, freedom), p_value=p_value)
