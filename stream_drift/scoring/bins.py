"""A profile's bins as padded tables, one row per feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.profile import Profile
from stream_drift.scoring.counts import Counts

NARROW = 64
"""Features with more bins get a table of their own, so that one wide feature pads no others."""


@dataclass(frozen=True, slots=True)
class Bins:
    """Which cell of a table each bin of a profile is counted in.

    Attributes
    ----------
    features
        The place in ``layout.names`` of every row.
    bins
        Indices into ``profile.view("bins")``.
    cells
        For each of these the cell of the flattened table; several bins may share one.
    valid
        bool, the shape of the table.
    """

    features: NDArray[np.int64]
    bins: NDArray[np.int64]
    cells: NDArray[np.int64]
    valid: NDArray[np.bool_]

    def counts(self, profile: Profile) -> Counts:
        """The profile's counts in this table."""
        weights = profile.view("bins")[self.bins]
        table = np.bincount(self.cells, weights=weights, minlength=self.valid.size)
        return Counts(np.asarray(table.reshape(self.valid.shape), np.float64), self.valid)


def fine_bins(layout: Layout) -> Bins:
    """The number features on all their bins."""
    columns = [np.arange(part.n_bins) for part in layout.numbers]
    return _table(layout, range(layout.n_numbers), columns)


def coarse_bins(reference: Profile) -> tuple[Bins, ...]:
    """All features on the bins that histograms are compared on, narrow ones and wide ones apart."""
    layout = reference.layout
    columns = [
        _number_columns(part)
        if isinstance(part, NumberLayout)
        else _category_columns(part, reference.bins_of(feature))
        for feature, part in enumerate(layout.parts)
    ]
    narrow = [feature for feature, found in enumerate(columns) if found.max() < NARROW]
    wide = [feature for feature, found in enumerate(columns) if found.max() >= NARROW]
    tables = (narrow, wide)
    return tuple(_table(layout, rows, [columns[f] for f in rows]) for rows in tables if rows)


def _number_columns(part: NumberLayout) -> NDArray[np.int64]:
    return np.unique(part.coarse, return_inverse=True)[1].astype(np.int64)


def _category_columns(part: CategoryLayout, hits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every bin for itself; *rare* joins *new* where the reference has no rare ones."""
    columns = np.arange(part.n_bins, dtype=np.int64)
    if hits[-2] == 0:
        columns[-1] = columns[-2]
    return columns


def _table(layout: Layout, features: Sequence[int], columns: Sequence[NDArray[np.int64]]) -> Bins:
    """One row per feature; ``columns`` holds, per feature, the column of each of its bins."""
    widths = np.array([found.max() + 1 for found in columns], dtype=np.int64)
    width = int(widths.max(initial=1))
    starts = layout.bin_starts
    bins = [np.arange(starts[feature], starts[feature + 1]) for feature in features]
    cells = [row * width + found for row, found in enumerate(columns)]
    none = [np.zeros(0, np.int64)]
    return Bins(
        np.array(features, dtype=np.int64),
        np.concatenate([*none, *bins]),
        np.concatenate([*none, *cells]),
        np.arange(width) < widths[:, None],
    )
