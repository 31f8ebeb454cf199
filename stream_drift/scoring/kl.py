"""Kullback-Leibler divergence."""

from __future__ import annotations

import numpy as np

from stream_drift.scoring.counts import Counts, Score
from stream_drift.scoring.noise import debiased, noise
from stream_drift.scoring.proportions import half_event_shares


def kl(live: Counts, reference: Counts) -> Score:
    """Divergence of the live histogram from the reference's, in nats; not symmetric.

    Returns
    -------
    Score
        ``value`` is less the null mean ``(n_bins - 1) * (1/n + 1/m) / 2``.

    Notes
    -----
    ``sum(q * log(q / p))`` with q live and p reference, half an event added to every bin.

    Examples
    --------
    >>> from stream_drift.scoring.counts import counts
    >>> round(float(kl(counts([800, 200]), counts([5000, 5000])).value), 3)
    0.192
    """
    q, p = half_event_shares(live), half_event_shares(reference)
    raw = np.asarray((q * np.log(q / p)).sum(axis=-1))
    return Score(raw, debiased(raw, (reference.n_bins - 1) * noise(live, reference) / 2))
