"""Hellinger distance."""

from __future__ import annotations

import numpy as np

from stream_drift.scoring.counts import Counts, Score
from stream_drift.scoring.noise import debiased, noise
from stream_drift.scoring.proportions import half_event_shares


def hellinger(live: Counts, reference: Counts) -> Score:
    """Hellinger distance between two histograms on the same bins, in [0, 1].

    Returns
    -------
    Score
        The square of ``value`` is less the null mean ``(n_bins - 1) * (1/n + 1/m) / 8``.

    Notes
    -----
    ``sqrt(sum((sqrt(q) - sqrt(p))**2) / 2)``, half an event added to every bin.

    Examples
    --------
    >>> from stream_drift.scoring.counts import counts
    >>> round(float(hellinger(counts([800, 200]), counts([5000, 5000])).value), 3)
    0.226
    """
    q, p = half_event_shares(live), half_event_shares(reference)
    squared = np.asarray(((np.sqrt(q) - np.sqrt(p)) ** 2).sum(axis=-1) / 2)
    null_mean = (reference.n_bins - 1) * noise(live, reference) / 8
    return Score(np.sqrt(squared), np.sqrt(debiased(squared, null_mean)))
