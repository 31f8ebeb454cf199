"""Whether everything is as it was once the rows of a slice are taken out of both sides.

A segment that arrived or left changes nothing outside itself. A feature that moved for all rows
does: a range of it gained rows too, but the rows outside moved as well, and so do the features
that go with it once the range is cut out. To name such a range as a segment would mislead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy
from scipy.stats import chi2

from stream_drift.detection.slices.coding import Column
from stream_drift.detection.slices.search import Rows

Floats = NDArray[np.float64]
LEAST_REST = 30
"""With fewer rows left on either side nothing can be said of the rest."""
UNCHANGED, UNCHANGED_SHARE = 14.0, 0.005
"""The rest of a number may have moved so much by chance, and by ends of ranges that are not sharp
so much of the whole change."""
UNCHANGED_SHARE_OF_CATEGORY = 0.5
"""To name the category that moved most is right even where others moved too."""
BROUGHT = 12.0
"""Other columns may not change by more than this because a slice is taken out."""
CHANCE = 0.01


def is_explained(column: Column, rest: Rows, everything: Rows) -> bool:
    """Whether the rest shows little or nothing of the change of a column in the slice."""
    if min(rest.sizes) < LEAST_REST:
        return False
    whole, left = _change(column, everything), _change(column, rest)
    if column.is_number:
        return left <= UNCHANGED + UNCHANGED_SHARE * whole
    return left <= UNCHANGED_SHARE_OF_CATEGORY * whole


def is_disturbed(column: Column, rest: Rows, before: Rows) -> bool:
    """Whether a column that is not in the slice changes because the slice is taken out."""
    return _change(column, rest) > _change(column, before) + BROUGHT


def _change(column: Column, rows: Rows) -> float:
    """Squared z of location and of scale in ranks, or G less its mean under chance."""
    before, after = (side.astype(float) for side in column.counts(rows.before, rows.after))
    if min(before.sum(), after.sum()) == 0:
        return 0.0
    return _moved(before, after) if column.is_number else _differs(before, after)


def _moved(before: Floats, after: Floats) -> float:
    both = before + after
    ranks = (np.cumsum(both) - both / 2) / both.sum() - 0.5
    return sum(_squared_z(before, after, values) for values in (ranks, ranks**2))


def _squared_z(before: Floats, after: Floats, values: Floats) -> float:
    n = before.sum(), after.sum()
    both = before + after
    mean = both @ values / both.sum()
    variance = both @ (values - mean) ** 2 / both.sum() * (1 / n[0] + 1 / n[1])
    moved = after @ values / n[1] - before @ values / n[0]
    return float(moved**2 / variance) if variance > 0 else 0.0


def _differs(before: Floats, after: Floats) -> float:
    n = before.sum(), after.sum()
    both = before + after
    ratio = 2 * float(
        (xlogy(before, before) + xlogy(after, after) - xlogy(both, both)).sum()
        - xlogy(n[0], n[0])
        - xlogy(n[1], n[1])
        + xlogy(sum(n), sum(n))
    )
    freedom = max(int((both > 0).sum()) - 1, 1)
    return 0.0 if ratio <= chi2.isf(CHANCE, freedom) else ratio - freedom
