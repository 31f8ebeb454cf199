"""Population stability index."""

from __future__ import annotations

import numpy as np

from stream_drift.scoring.counts import Counts, Score
from stream_drift.scoring.noise import debiased, noise
from stream_drift.scoring.noncentral import noncentrality_interval
from stream_drift.scoring.proportions import half_event_shares


def psi(live: Counts, reference: Counts) -> Score:
    """Population stability index between two histograms on the same bins, in nats.

    Returns
    -------
    Score
        ``value`` is less the null mean ``(n_bins - 1) * (1/n + 1/m)``; the interval comes from
        the noncentral chi-squared law.

    Notes
    -----
    ``sum((q - p) * log(q / p))`` with q live and p reference, half an event added to every bin.
    ``psi / (1/n + 1/m)`` follows nearly a noncentral chi-squared law (Yurdakul 2018; Potgieter
    et al. 2023, arXiv:2307.11878); on shifts of 1 sd and more the interval is somewhat short.

    Examples
    --------
    >>> from stream_drift.scoring.counts import counts
    >>> float(psi(counts([50, 50]), counts([500, 500])).value)
    0.0
    >>> round(float(psi(counts([800, 200]), counts([5000, 5000])).value), 3)
    0.414
    """
    q, p = half_event_shares(live), half_event_shares(reference)
    raw = np.asarray(((q - p) * np.log(q / p)).sum(axis=-1))
    s = noise(live, reference)
    freedom = np.asarray(reference.n_bins - 1.0)
    low, high = noncentrality_interval(raw / s, freedom)
    return Score(raw, debiased(raw, freedom * s), low * s, high * s)
