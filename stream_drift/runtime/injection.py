"""Known shifts of one feature: what a backtest plants into clean history, event by event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.columns import MISSING, Columns
from stream_drift.profiles.count import Coded, Counter
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.profile import Profile

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Values = NDArray[Any]

LARGEST_SHARE = 0.9
"""A category above this has no room for ten points more."""
_SALT_BITS = 40
"""Offsets stay below 2**40, so that no two inputs share a chance."""
_UNUSABLE = ("missing", "invalid", "not_finite")
_SUMS = ("sums", "squares_high", "squares_low")
_GOLDEN, _MIX_1, _MIX_2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


@dataclass(frozen=True, slots=True)
class Shift:
    """A lasting change of one feature.

    ``size`` is in reference sd (mean), a factor (variance) or a share of events (share, missing).
    """

    name: str
    kind: Literal["mean", "variance", "share", "missing"]
    size: float

    def suits(self, part: NumberLayout | CategoryLayout) -> bool:
        """Whether features of this type can change so."""
        if self.kind == "missing":
            return True
        return isinstance(part, CategoryLayout) == (self.kind == "share")


SHIFTS = (
    Shift("mean_0.1", "mean", 0.1),
    Shift("mean_0.25", "mean", 0.25),
    Shift("mean_0.5", "mean", 0.5),
    Shift("variance_1.5", "variance", 1.5),
    Shift("share_10", "share", 0.1),
    Shift("missing_5", "missing", 0.05),
)
"""Every shift that a backtest plants, in the order of its table."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The values of one feature, event by event, in order of their panes.

    Attributes
    ----------
    starts
        Start (ms) of each event's pane, not decreasing.
    chances
        A fixed number in [0, 1) per event, as `chances` gives.
    values
        As in `Columns`: float64 for a number, raw values for a category.
    """

    layout: Layout
    feature: int
    starts: Ints
    chances: Floats
    values: Values

    @property
    def part(self) -> NumberLayout | CategoryLayout:
        """The feature's bins."""
        return self.layout.parts[self.feature]

    def with_shift(self, shift: Shift) -> Values | None:
        """The values after a shift; ``None`` where no category has room for it.

        Whole numbers stay whole: each is rounded up or down by its event's chance, so that
        their mean moves as asked and not every value becomes one that was never seen.
        """
        match self.part:
            case NumberLayout() as part:
                return _shifted_numbers(np.asarray(self.values, np.float64), part, shift, self)
            case CategoryLayout() as part:
                return _shifted_categories(self, part, shift)

    def code(self, values: Values) -> tuple[Counter, Coded]:
        """Cells of these values on the feature's own layout."""
        n, part = len(values), self.part
        is_number = isinstance(part, NumberLayout)
        own = Layout(
            (part,) if isinstance(part, NumberLayout) else (),
            (part,) if isinstance(part, CategoryLayout) else (),
            self.layout.pane_ms,
        )
        numbers = np.asarray(values, np.float64)[:, None] if is_number else np.empty((n, 0))
        categories = () if is_number else (values.tolist(),)
        columns = Columns(self.starts, self.starts, self.starts, numbers, categories, None, ())
        counter = Counter(own, own.names, counts_events=False)
        return counter, counter.code(columns)


def chances(offsets: Ints, salt: int) -> Floats:
    """A number in [0, 1) for every offset: scattered evenly, the same in every run.

    The finaliser of SplitMix64 (Steele, Lea and Flood 2014).

    Examples
    --------
    >>> found = chances(np.arange(10_000), 0)
    >>> round(float((found < 0.05).mean()), 2), bool((found == chances(np.arange(10_000), 0)).all())
    (0.05, True)
    """
    with np.errstate(over="ignore"):
        mixed = (offsets.astype(np.uint64) + np.uint64((salt << _SALT_BITS) + 1)) * np.uint64(
            _GOLDEN
        )
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_MIX_1)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_MIX_2)
        mixed ^= mixed >> np.uint64(31)
    return np.asarray((mixed >> np.uint64(11)) / float(1 << 53), np.float64)


def _shifted_numbers(values: Floats, part: NumberLayout, shift: Shift, of: Recorded) -> Floats:
    if shift.kind == "missing":
        return np.where(of.chances < shift.size, MISSING, values)
    usable = values[np.isfinite(values)]
    if not len(usable):
        return values
    if shift.kind == "mean":
        moved = values + shift.size * part.unit
    else:
        centre = usable.mean()
        moved = centre + np.sqrt(shift.size) * (values - centre)
    if (usable == np.floor(usable)).all():
        moved = np.floor(moved + of.chances)
    return np.asarray(moved)


def _shifted_categories(of: Recorded, part: CategoryLayout, shift: Shift) -> Values | None:
    values = np.array(of.values, object)
    if shift.kind == "missing":
        values[of.chances < shift.size] = None
        return values
    counter, coded = of.code(values)
    first = counter.layout.slices["bins"].start
    bins = coded.cells[0] - first
    counts = np.bincount(bins, minlength=part.n_bins)[: len(part.kept)]
    counts = np.where(counts <= LARGEST_SHARE * len(bins), counts, -1)
    if not counts.size or counts.max() < 0:
        return None
    target = int(counts.argmax())
    others = (bins != target) & (bins < part.n_bins)
    wanted = shift.size * len(bins) / max(int(others.sum()), 1)
    values[others & (of.chances < wanted)] = part.kept[target]
    return values


def with_values(pane: Profile, feature: int, own: Profile) -> Profile:
    """The pane as if one feature's values had been those of ``own``, its profile alone."""
    altered = pane.copy()
    altered.bins_of(feature)[:] = own.bins_of(0)
    for name in _UNUSABLE:
        altered.view(name)[feature] = own.view(name)[0]
    if feature < pane.layout.n_numbers:
        for name in _SUMS:
            altered.view(name)[feature] = own.view(name)[0]
        altered.low[feature], altered.high[feature] = own.low[0], own.high[0]
    return altered


def altered_panes(
    panes: Sequence[tuple[int, Profile]], recorded: Recorded, values: Values
) -> Iterator[tuple[int, Profile]]:
    """The panes with other values of one feature: exactly what would have been counted."""
    counter, coded = recorded.code(values)
    for start_ms, pane in panes:
        first, last = np.searchsorted(recorded.starts, [start_ms, start_ms + 1]).tolist()
        own = Profile.empty(counter.layout)
        counter.add(own, coded, slice(first, last), last - first)
        yield start_ms, with_values(pane, recorded.feature, own)
