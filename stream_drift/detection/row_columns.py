"""Rows as columns of numbers: what a linear rule sees of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.joint import GRID_PER_SCORE, normal_scores
from stream_drift.profiles.layout import CategoryLayout, NumberLayout
from stream_drift.profiles.profile import Profile
from stream_drift.profiles.row_codes import Codes

Array = NDArray[np.float64]
LEAST_SHARE = 0.01
MOST_CATEGORIES = 10
"""Categories with less of the reference, or beyond so many, have no column of their own."""
LEAST_SD = 0.03
"""Columns that vary less in the reference count as if they varied so much."""


@dataclass(frozen=True, slots=True, eq=False)
class RowColumns:
    """How the bins of a row become columns.

    A number is the normal score of its bin, and whether it is missing. A category is one
    column for each of its frequent values, one for new and one for missing values.

    Attributes
    ----------
    tables
        Per feature in layout order, the columns of every bin, shape (n_bins + 1, n_columns).
    features
        The feature of every column.
    """

    tables: tuple[Array, ...]
    features: NDArray[np.int64]

    @classmethod
    def of(cls, reference: Profile) -> RowColumns:
        """The columns of a reference's features, each of mean 0 and variance 1 there."""
        tables = []
        for i, part in enumerate(reference.layout.parts):
            bins = reference.bins_of(i)
            table = _number(bins) if isinstance(part, NumberLayout) else _category(bins, part)
            counts = np.append(bins, reference.view("missing")[i]).astype(float)
            tables.append(_standardised(table, counts))
        features = [i for i, table in enumerate(tables) for _ in range(table.shape[1])]
        return cls(tuple(tables), np.array(features, np.int64))

    def of_rows(self, codes: Codes, chosen: NDArray[np.bool_]) -> Array:
        """The chosen columns of some rows, shape (n_rows, n_chosen)."""
        found, first = np.empty((len(codes), int(chosen.sum()))), 0
        for i, table in enumerate(self.tables):
            part = table[:, chosen[self.features == i]]
            found[:, first : first + part.shape[1]] = part[codes[:, i]]
            first += part.shape[1]
        return found

    def means(self, codes: Codes) -> Array:
        """The mean of every column over some rows."""
        found = [
            np.bincount(codes[:, i], minlength=len(table)) @ table / max(len(codes), 1)
            for i, table in enumerate(self.tables)
        ]
        return np.concatenate(found) if found else np.zeros(0)

    def varies(self, codes: Codes) -> NDArray[np.bool_]:
        """Which columns are not the same in all of some rows."""
        found = [
            np.ptp(table[np.unique(codes[:, i])], axis=0) > 0 for i, table in enumerate(self.tables)
        ]
        return np.concatenate(found) if found else np.zeros(0, bool)

    def scores(self, codes: Codes, slopes: Array) -> Array:
        """Columns times slopes, summed, per row."""
        found = np.zeros(len(codes))
        for i, table in enumerate(self.tables):
            found += (table @ slopes[self.features == i])[codes[:, i]]
        return found


def _number(bins: NDArray[np.int64]) -> Array:
    table = np.zeros((len(bins) + 1, 2))
    table[:-1, 0] = normal_scores(bins) / GRID_PER_SCORE
    table[-1, 1] = 1
    return table


def _category(bins: NDArray[np.int64], part: CategoryLayout) -> Array:
    frequent = np.flatnonzero(bins[: len(part.kept)] >= LEAST_SHARE * max(int(bins.sum()), 1))
    own = frequent[:MOST_CATEGORIES].tolist()
    places = [*own, len(bins) - 1, len(bins)]
    table = np.zeros((len(bins) + 1, len(places)))
    table[places, range(len(places))] = 1
    return table


def _standardised(table: Array, counts: Array) -> Array:
    shares = counts / max(counts.sum(), 1)
    mean = shares @ table
    sd = np.sqrt(np.maximum(shares @ table**2 - mean**2, 0))
    return np.asarray((table - mean) / np.maximum(sd, LEAST_SD))
