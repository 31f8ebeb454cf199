"""Between which limits values count for the Wasserstein distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream_drift.scoring.counts import Counts, Floats
from stream_drift.scoring.places import Places

PER_MILLE = 1000
"""Values are winsorised at the reference's 0.1 % and 99.9 % quantiles."""


def winsor_widths(reference: Counts, where: Places) -> Floats:
    """How much of each fine bin lies between the reference's two quantiles, in layout units.

    The limits are the greatest edges with less than 1 (999) per mille of the reference below
    them; with a reference's own layout these are its quantiles (inverse of the distribution
    function), because the layout has edges there.
    """
    count = reference.real
    below = (count.cumsum(axis=-1) - count) * PER_MILLE
    total = reference.total[..., None]
    low = _last_left(below < total, where)
    high = _last_left(below < total * (PER_MILLE - 1), where)
    return np.asarray(np.clip(where.right, low, high) - np.clip(where.left, low, high))


def _last_left(under: NDArray[np.bool_], where: Places) -> Floats:
    """Left end of the last bin that is marked, shape (..., 1); of the first where none is."""
    n_marked = under.sum(axis=-1, keepdims=True)
    return np.take_along_axis(where.left, np.maximum(n_marked - 1, 0), axis=-1)
