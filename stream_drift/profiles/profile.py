"""The mergeable summary of a block, a pane or a window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.layout import SQUARE_LOW_BITS, Layout

NewValues = dict[str, dict[str, int]]
"""Per category feature the new texts seen, with counts."""


@dataclass(slots=True, eq=False)
class Profile:
    """One integer vector (see `Layout`), the extremes, and the new categories by name.

    Merging adds the vectors: associative, commutative, exact, and `subtract` undoes it.
    Extremes and new categories merge too but cannot be taken back.
    """

    layout: Layout
    additive: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    new_values: NewValues

    @classmethod
    def empty(cls, layout: Layout) -> Profile:
        """The identity of merging."""
        return cls(
            layout,
            np.zeros(layout.size, np.int64),
            np.full(layout.n_numbers, np.inf),
            np.full(layout.n_numbers, -np.inf),
            {},
        )

    def copy(self) -> Profile:
        """An independent profile of the same content."""
        return Profile(
            self.layout,
            self.additive.copy(),
            self.low.copy(),
            self.high.copy(),
            {name: dict(values) for name, values in self.new_values.items()},
        )

    def add(self, other: Profile) -> None:
        """Merge ``other`` into this profile."""
        self.additive += other.additive
        np.minimum(self.low, other.low, out=self.low)
        np.maximum(self.high, other.high, out=self.high)
        for name, values in other.new_values.items():
            mine = self.new_values.setdefault(name, {})
            for text, count in values.items():
                mine[text] = mine.get(text, 0) + count

    def __eq__(self, other: object) -> bool:
        """Equal layout ids and equal content."""
        if not isinstance(other, Profile):
            return NotImplemented
        return (
            self.layout.ids == other.layout.ids
            and np.array_equal(self.additive, other.additive)
            and np.array_equal(self.low, other.low)
            and np.array_equal(self.high, other.high)
            and self.new_values == other.new_values
        )

    __hash__ = None  # type: ignore[assignment]  # mutable on purpose

    def view(self, name: str) -> NDArray[np.int64]:
        """A named stretch of the additive vector (`Layout.slices`), not a copy."""
        return self.additive[self.layout.slices[name]]

    @property
    def events(self) -> int:
        """Events counted."""
        return int(self.additive[0])

    def bins_of(self, feature: int) -> NDArray[np.int64]:
        """Counts of one feature's bins; ``feature`` is its place in ``layout.names``."""
        starts = self.layout.bin_starts
        return self.view("bins")[starts[feature] : starts[feature + 1]]

    def usable(self) -> NDArray[np.int64]:
        """Events with a usable value, per feature, shape (n_features,)."""
        if self.layout.n_features == 0:
            return np.zeros(0, np.int64)
        return np.add.reduceat(self.view("bins"), self.layout.bin_starts[:-1])

    def offered(self) -> NDArray[np.int64]:
        """Events that could have carried each feature, usable or not, shape (n_features,)."""
        unusable = self.view("missing") + self.view("invalid") + self.view("not_finite")
        return self.usable() + unusable

    def square_sums(self) -> list[int]:
        """Sums of squared grid values, per number feature, as exact integers."""
        high, low = self.view("squares_high").tolist(), self.view("squares_low").tolist()
        return [(h << SQUARE_LOW_BITS) + lo for h, lo in zip(high, low, strict=True)]
