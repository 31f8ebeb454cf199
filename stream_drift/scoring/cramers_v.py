"""Cramér's V."""

from __future__ import annotations

import numpy as np

from stream_drift.scoring.contingency import contingency
from stream_drift.scoring.counts import Counts, Score
from stream_drift.scoring.noise import debiased


def cramers_v(live: Counts, reference: Counts) -> Score:
    """Association between the bin and the sample it lies in, in [0, 1].

    It falls with the imbalance of the two sample sizes, so compare it only among windows of
    about the same volume.

    Returns
    -------
    Score
        ``value`` is bias-corrected (Bergsma 2013, doi:10.1016/j.jkss.2012.10.002).

    Examples
    --------
    >>> from stream_drift.scoring.counts import counts
    >>> score = cramers_v(counts([60, 40]), counts([45, 55]))
    >>> round(float(score.raw), 4), round(float(score.value), 4)
    (0.1502, 0.1327)
    """
    table = contingency(live, reference)
    phi_squared = np.minimum(table.statistic / table.n_events, 1.0)  # rounding may pass 1
    less_one = table.n_events - 1
    corrected = debiased(phi_squared, (table.n_columns - 1) / less_one)
    # Of rows and columns the two rows always limit V: pooling leaves ten events a column.
    room = 1 - 1 / less_one
    return Score(np.sqrt(phi_squared), np.sqrt(corrected / np.where(room > 0, room, 1.0)))
