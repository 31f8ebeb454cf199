"""Where the fine bins of number features lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.layout import WINSOR_SD, NumberLayout
from stream_drift.scoring.counts import Floats


@dataclass(frozen=True, slots=True)
class Places:
    """Both ends of every fine bin, shape (n_numbers, widest), in layout units from the centre.

    Attributes
    ----------
    left, right
        The two bins out of range have no width and lie at their edge, padding at the last edge.
    outer
        Marks the two bins out of range.
    """

    left: Floats
    right: Floats
    outer: NDArray[np.bool_]


def places(numbers: Sequence[NumberLayout]) -> Places:
    """Lay the bins of all number features side by side, padded to the widest."""
    shape = (len(numbers), max((part.n_bins for part in numbers), default=1))
    left, right, outer = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
    for row, part in enumerate(numbers):
        edges = _in_layout_units(part)
        left[row], right[row] = edges[-1], edges[-1]
        left[row, : part.n_bins] = edges[[0, *range(len(edges))]]
        right[row, : len(edges)] = edges
        outer[row, [0, part.n_bins - 1]] = True
    return Places(left, right, outer)


def _in_layout_units(part: NumberLayout) -> Floats:
    """Edges from the centre, winsorised as the values are that enter sums."""
    with np.errstate(over="ignore"):  # an infinite distance is winsorised like any other
        units = (np.array(part.edges) - part.centre) / part.unit
    return np.clip(units, -WINSOR_SD, WINSOR_SD)
