"""Jensen-Shannon distance."""

from __future__ import annotations

import math

import numpy as np

from stream_drift.scoring.counts import Counts, Floats, Score
from stream_drift.scoring.noise import debiased, noise
from stream_drift.scoring.proportions import half_event_shares


def js(live: Counts, reference: Counts) -> Score:
    """Jensen-Shannon distance (root of the divergence in bits), in [0, 1].

    Returns
    -------
    Score
        The divergence behind ``value`` is less its null mean ``(n_bins - 1) * (1/n + 1/m) / 8``
        nats.

    Notes
    -----
    ``KL(q || m) / 2 + KL(p || m) / 2`` with ``m = (q + p) / 2``, half an event added to every bin.

    Examples
    --------
    >>> from stream_drift.scoring.counts import counts
    >>> round(float(js(counts([800, 200]), counts([5000, 5000])).value), 3)
    0.27
    """
    q, p = half_event_shares(live), half_event_shares(reference)
    middle = (q + p) / 2
    nats = np.asarray((q * np.log(q / middle) + p * np.log(p / middle)).sum(axis=-1) / 2)
    null_mean = (reference.n_bins - 1) * noise(live, reference) / 8
    return Score(_distance(np.maximum(nats, 0.0)), _distance(debiased(nats, null_mean)))


def _distance(nats: Floats) -> Floats:
    return np.asarray(np.sqrt(nats / math.log(2)))
