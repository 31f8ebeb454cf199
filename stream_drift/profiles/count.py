"""Columns to profiles: every value of every event adds one to exactly one cell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.columns import Columns
from stream_drift.profiles.category import CategoryCoder
from stream_drift.profiles.layout import SQUARE_LOW_BITS, Layout
from stream_drift.profiles.number import NumberCoder
from stream_drift.profiles.profile import Profile

MAX_NEW_VALUES = 100
"""Distinct new categories that a block keeps by name, per feature; the rest only count."""

AdmittedNew = dict[str, set[str]]
"""Per category feature the new texts that a block keeps by name, in order of first sight."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A batch of events as cells of one layout's vector.

    Attributes
    ----------
    cells
        int64, shape (n_carried_features, n).
    grid
        int64, shape (n, n_carried_numbers): values on the moment grid.
    values
        float64 as in `Columns.numbers`.
    new
        (row, feature name, text) of every new category, in offset order.
    """

    cells: NDArray[np.int64]
    grid: NDArray[np.int64]
    values: NDArray[np.float64]
    new: tuple[tuple[int, str, str], ...]


class Counter:
    """Counts events of one input into profiles of the monitor's layout.

    ``carried`` names the features that this input carries, numbers then categories, in the
    order of its columns; the monitor's other features are left alone: an input that does not
    carry a feature says nothing about it, not even that it is missing.

    With a ``secret`` new categories are named by a keyed hash, and extremes are not kept.
    """

    def __init__(
        self,
        layout: Layout,
        carried: Iterable[str],
        *,
        counts_events: bool,
        secret: bytes | None = None,
    ) -> None:
        names = list(carried)
        place = {name: i for i, name in enumerate(layout.names)}
        numbers = [place[name] for name in names if place[name] < layout.n_numbers]
        categories = [place[name] for name in names if place[name] >= layout.n_numbers]
        self.layout = layout
        self._counts_events = counts_events
        self._secret = secret
        self._numbers = np.array(numbers, np.int64)
        self._coder = NumberCoder(layout)
        self._all_numbers = numbers == list(range(layout.n_numbers))
        self._categories = [(layout.names[i], CategoryCoder(layout, i)) for i in categories]

    def code(self, columns: Columns) -> Coded:
        """Find the cells of a batch; independent of any profile."""
        values = self._full_numbers(columns.numbers)
        number_cells = self._coder.cells(values)[self._numbers]
        category_cells, new = [], []
        for (name, coder), column in zip(self._categories, columns.categories, strict=True):
            cells, unknown = coder.cells(column)
            category_cells.append(cells)
            new += [(row, name, self._shown(text)) for row, text in unknown]
        cells = np.vstack([number_cells, *category_cells]) if category_cells else number_cells
        return Coded(cells, self._coder.grid(values), values, tuple(sorted(new)))

    def _shown(self, text: str) -> str:
        if self._secret is None:
            return text
        data = text.encode("utf-8", "surrogatepass")
        return "#" + hashlib.blake2b(data, digest_size=8, key=self._secret).hexdigest()

    def _full_numbers(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._all_numbers:
            return numbers
        full = np.full((len(numbers), self.layout.n_numbers), np.nan)
        full[:, self._numbers] = numbers
        return full

    def add(
        self, profile: Profile, coded: Coded, rows: slice | NDArray[np.int64], n_rows: int
    ) -> None:
        """Count ``rows`` of a coded batch into ``profile`` (all but the names of new values)."""
        slices, additive = self.layout.slices, profile.additive
        if self._counts_events:
            additive[0] += n_rows
        if len(coded.cells):
            cells = coded.cells[:, rows]
            additive += np.bincount(cells.ravel(), minlength=self.layout.size)
        if not self.layout.n_numbers:
            return
        grid = coded.grid[rows]
        squares = grid * grid
        additive[slices["sums"]] += grid.sum(axis=0)
        additive[slices["squares_high"]] += (squares >> SQUARE_LOW_BITS).sum(axis=0)
        additive[slices["squares_low"]] += (squares & ((1 << SQUARE_LOW_BITS) - 1)).sum(axis=0)
        if self._secret is None:
            _extend(profile, coded.values[rows])


def _extend(profile: Profile, values: NDArray[np.float64]) -> None:
    """Widen the extremes by the finite values."""
    finite = np.isfinite(values)
    lowest = np.where(finite, values, np.inf).min(axis=0, initial=np.inf)
    highest = np.where(finite, values, -np.inf).max(axis=0, initial=-np.inf)
    np.minimum(profile.low, lowest, out=profile.low)
    np.maximum(profile.high, highest, out=profile.high)


def name_new_values(
    coded: Coded, admitted: AdmittedNew, profile_of_row: Mapping[int, Profile]
) -> None:
    """Count new categories by name where the block still has room for their names.

    Rows are visited in offset order, so which names a block keeps depends on its log alone;
    rows without a profile (late events) are passed over.
    """
    for row, feature, text in coded.new:
        profile = profile_of_row.get(row)
        if profile is None:
            continue
        names = admitted.setdefault(feature, set())
        if text not in names and len(names) >= MAX_NEW_VALUES:
            continue
        names.add(text)
        counts = profile.new_values.setdefault(feature, {})
        counts[text] = counts.get(text, 0) + 1
