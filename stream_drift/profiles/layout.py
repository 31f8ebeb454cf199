"""The cells of a profile: which bins each feature has, and where they lie in the vector."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

GRID_PER_SD = 65_536
"""Values enter sums as whole multiples of 2**-16 of the reference's sd."""
WINSOR_SD = 128
"""Values further than this from the reference's mean enter sums as if they lay there."""
SQUARE_LOW_BITS = 24
"""Squares are summed in two words: the low 24 bits of each square, and the rest."""


@dataclass(frozen=True, slots=True)
class NumberLayout:
    """Fixed bins of one number feature.

    Attributes
    ----------
    edges
        Strictly increasing, at least two. Bin 0 lies below ``edges[0]``, bin i is
        ``[edges[i-1], edges[i])``, the last bin starts at ``edges[-1]``: the first and the last
        are *out of range*. A point mass at v is the bin ``[v, next float after v)``.
    coarse
        For every bin the coarse bin that it belongs to, not decreasing, shape (len(edges)+1,).
    centre, unit
        Where the grid of the moments lies: the reference's mean, and its sd (where that is 0:
        ``max(abs(mean), 1)``).
    """

    name: str
    edges: tuple[float, ...]
    coarse: tuple[int, ...]
    centre: float
    unit: float

    @property
    def n_bins(self) -> int:
        """Bins including the two out of range."""
        return len(self.edges) + 1


@dataclass(frozen=True, slots=True)
class CategoryLayout:
    """Fixed bins of one category feature: the kept categories, then *rare*, then *new*.

    Attributes
    ----------
    kept
        Categories with a bin of their own.
    rare
        The reference's other categories; they share one bin.
    """

    name: str
    kept: tuple[str, ...]
    rare: tuple[str, ...]

    @property
    def n_bins(self) -> int:
        """Kept categories, rare and new."""
        return len(self.kept) + 2


def layout_id(part: NumberLayout | CategoryLayout, pane_ms: int) -> bytes:
    """Eight bytes that are equal only where parts may be merged."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{type(part).__name__}\0{pane_ms}\0".encode())
    match part:
        case NumberLayout():
            digest.update(np.array([*part.edges, part.centre, part.unit], "<f8").tobytes())
            digest.update(np.array(part.coarse, "<i4").tobytes())
        case CategoryLayout():
            for names in (part.kept, part.rare):
                for text in names:
                    digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
                digest.update(b"\1")
    digest.update(part.name.encode())
    return digest.digest()


class Extra(Protocol):
    """A stretch of the additive vector that only some monitors have.

    ``identity``: eight bytes that are equal only where the stretches may be merged.
    """

    @property
    def name(self) -> str:
        """Its name among `Layout.slices`."""

    @property
    def size(self) -> int:
        """Its length."""

    @property
    def identity(self) -> bytes:
        """Equal only where counts mean the same."""


@dataclass(frozen=True)
class Layout:
    """All parts of one monitor, and where each lies in a profile's vector.

    The additive vector of a profile is, in this order: events; the bins of every number, then
    of every category; per feature (numbers first) missing, invalid, not finite; per number the
    sum of grid values, the high and the low words of their squares; the extras.
    """

    numbers: tuple[NumberLayout, ...]
    categories: tuple[CategoryLayout, ...]
    pane_ms: int
    extras: tuple[Extra, ...] = ()
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Name the features in vector order."""
        object.__setattr__(self, "names", tuple(part.name for part in self.parts))

    @property
    def parts(self) -> tuple[NumberLayout | CategoryLayout, ...]:
        """Numbers, then categories."""
        return (*self.numbers, *self.categories)

    @cached_property
    def ids(self) -> tuple[bytes, ...]:
        """The layout id of every part, in vector order."""
        return tuple(layout_id(part, self.pane_ms) for part in self.parts)

    @cached_property
    def bin_starts(self) -> NDArray[np.int64]:
        """Where each feature's bins start within the bins; one more entry for their end."""
        sizes: Sequence[int] = [part.n_bins for part in self.parts]
        return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)

    @property
    def n_numbers(self) -> int:
        """How many number features."""
        return len(self.numbers)

    @property
    def n_features(self) -> int:
        """How many features."""
        return len(self.numbers) + len(self.categories)

    @property
    def n_bins(self) -> int:
        """Bins of all features together."""
        return int(self.bin_starts[-1])

    @cached_property
    def slices(self) -> dict[str, slice]:
        """The named stretches of the additive vector."""
        found, start = {}, 0
        n, f = self.n_numbers, self.n_features
        for name, size in (
            ("events", 1),
            ("bins", self.n_bins),
            ("missing", f),
            ("invalid", f),
            ("not_finite", f),
            ("sums", n),
            ("squares_high", n),
            ("squares_low", n),
            *((extra.name, extra.size) for extra in self.extras),
        ):
            found[name] = slice(start, start + size)
            start += size
        return found

    @cached_property
    def size(self) -> int:
        """Length of the additive vector."""
        return int(list(self.slices.values())[-1].stop)
