"""Columns to profiles: every value of every event adds one to exactly one cell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.columns import Columns
from stream_drift.profiles.category import CategoryCoder
from stream_drift.profiles.joint import JOINT, joint_of
from stream_drift.profiles.label_columns import LABEL, label_reader
from stream_drift.profiles.label_count import LabelledCells
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.number import NumberCoder
from stream_drift.profiles.profile import Profile

MAX_NEW_VALUES = 100
"""Distinct new categories that a block keeps by name, per feature; the rest only count."""

AdmittedNew = dict[str, set[str]]
"""Per category feature the new texts that a block keeps by name, in order of first sight."""

NewCategory = tuple[int, str, str]
"""(row, feature name, text) of a category that the reference does not know."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A batch of events as cells of one layout's vector.

    Attributes
    ----------
    cells
        int64, shape (n_carried_features, n).
    moments
        int64, shape (3 * n_numbers, n): what each event adds to the sums of the moments.
    lows, highs
        float64, shape (n_numbers, n): the values, where unusable an infinity that widens nothing.
    new
        In offset order.
    labelled
        ``None``: predictions are not counted beside labels.
    scores
        float64, shape (n_joint_features, n): normal scores; ``None``: no pairs are counted.
    """

    cells: NDArray[np.int64]
    moments: NDArray[np.int64]
    lows: NDArray[np.float64]
    highs: NDArray[np.float64]
    new: tuple[NewCategory, ...]
    labelled: LabelledCells | None = None
    scores: NDArray[np.float64] | None = None


class Counter:
    """Counts events of one input into profiles of the monitor's layout.

    ``carried`` names the features that this input carries, numbers then categories, in the
    order of its columns; the monitor's other features are left alone: an input that does not
    carry a feature says nothing about it, not even that it is missing.

    With a ``secret`` new categories are named by a keyed hash, and extremes are not kept.

    Where the layout has a `LabelledLayout` and the input carries predictions, these are counted
    beside their labels; a column named ``label`` is no feature. Where it has a `JointLayout` and
    the input carries all its features, their products are summed.
    """

    def __init__(
        self,
        layout: Layout,
        carried: Iterable[str],
        *,
        counts_events: bool,
        secret: bytes | None = None,
    ) -> None:
        names = [name for name in carried if name != LABEL]
        place = {name: i for i, name in enumerate(layout.names)}
        numbers = [place[name] for name in names if place[name] < layout.n_numbers]
        categories = [place[name] for name in names if place[name] >= layout.n_numbers]
        self.layout = layout
        self._counts_events = counts_events
        self._secret = secret
        self._numbers = np.array(numbers, np.int64)
        self._moments = slice(layout.slices["sums"].start, layout.slices["squares_low"].stop)
        self._coder = NumberCoder(layout)
        self._all_numbers = numbers == list(range(layout.n_numbers))
        self._categories = [(layout.names[i], CategoryCoder(layout, i)) for i in categories]
        self._labelled = label_reader(layout, names)
        self._joint = joint_of(layout)
        if self._joint is not None and set(self._joint.features) <= set(names):
            order = [layout.names[i] for i in numbers]
            self._joint_rows = [order.index(name) for name in self._joint.features]
            self._scores = self._joint.scores_by_cell(layout)
        else:
            self._joint = None

    def code(self, columns: Columns) -> Coded:
        """Find the cells of a batch; independent of any profile."""
        numbers = self._full_numbers(columns.numbers)
        cells = [self._coder.cells(numbers)[self._numbers]]
        new = []
        # A label stands behind the features of its type.
        for (name, coder), column in zip(self._categories, columns.categories, strict=False):
            found, unknown = coder.cells(column)
            cells.append(found[None])
            new += [(row, name, self._shown(text)) for row, text in unknown]
        lows = highs = numbers
        usable = np.isfinite(numbers)
        if not usable.all():
            lows, highs = np.where(usable, numbers, np.inf), np.where(usable, numbers, -np.inf)
        moments = self._coder.moments(numbers)
        found = np.concatenate(cells)
        labelled = None if self._labelled is None else self._labelled.read(columns, found)
        scores = None if self._joint is None else self._scores[found[self._joint_rows]]
        return Coded(found, moments, lows, highs, tuple(sorted(new)), labelled, scores)

    def _shown(self, text: str) -> str:
        if self._secret is None:
            return text
        data = text.encode("utf-8", "surrogatepass")
        return "#" + hashlib.blake2b(data, digest_size=8, key=self._secret).hexdigest()

    def _full_numbers(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """The columns of all numbers of the layout, shape (n_numbers, n)."""
        numbers = numbers[:, : len(self._numbers)]
        if self._all_numbers:
            return np.ascontiguousarray(numbers.T)
        full = np.full((self.layout.n_numbers, len(numbers)), np.nan)
        full[self._numbers] = numbers.T
        return full

    def add(
        self, profile: Profile, coded: Coded, rows: slice | NDArray[np.int64], n_rows: int
    ) -> None:
        """Count ``rows`` of a coded batch into ``profile`` (all but the names of new values)."""
        additive = profile.additive
        if self._counts_events:
            additive[0] += n_rows
        additive += np.bincount(coded.cells[:, rows].ravel(), minlength=self.layout.size)
        additive[self._moments] += coded.moments[:, rows].sum(axis=1)
        if self._labelled is not None and coded.labelled is not None:
            counts = coded.labelled.count(self._labelled.layout, rows)
            profile.view(self._labelled.layout.name)[:] += counts
        if self._joint is not None and coded.scores is not None:
            profile.view(JOINT)[:] += self._joint.products(coded.scores[:, rows])
        if self._secret is None and n_rows:
            np.minimum(profile.low, coded.lows[:, rows].min(axis=1), out=profile.low)
            np.maximum(profile.high, coded.highs[:, rows].max(axis=1), out=profile.high)


def name_new_values(
    new: Iterable[NewCategory], admitted: AdmittedNew, profile_of_row: Mapping[int, Profile]
) -> None:
    """Count new categories by name where the block still has room for their names.

    Rows are visited in offset order, so which names a block keeps depends on its log alone;
    rows without a profile (late events) are passed over.
    """
    for row, feature, text in new:
        profile = profile_of_row.get(row)
        if profile is None:
            continue
        names = admitted.setdefault(feature, set())
        if text not in names and len(names) >= MAX_NEW_VALUES:
            continue
        names.add(text)
        counts = profile.new_values.setdefault(feature, {})
        counts[text] = counts.get(text, 0) + 1
