"""Indicators: tails, categories, missing and other shares of events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stream_drift.detection.number_cells import NumberCells
from stream_drift.profiles.layout import CategoryLayout
from stream_drift.profiles.profile import Profile

QUALITY_NULL = 0.005
"""Up to one event in 200 may be missing, new, invalid or out of range, whatever the reference."""
LEAST_RATE = 0.001
"""Rarer indicators are measured in the sd of this rate."""
LEAST_TAIL = 0.002
"""A tail with less of the reference than this has no direction."""


@dataclass(frozen=True, slots=True)
class Share:
    """One indicator of one feature.

    Attributes
    ----------
    hits
        Places in a profile's vector whose sum counts the events it holds for.
    of_usable
        Whether the rate is of the events with a usable value, else of all that could have one.
    rate
        Its rate in the reference.
    unit
        One sd of the indicator, as a share.
    null_share
        Rate up to which it is normal anyway.
    """

    feature: int
    kind: str
    hits: tuple[int, ...]
    of_usable: bool
    quality: bool
    rate: float
    unit: float
    null_share: float
    reference_n: float


def list_shares(reference: Profile, cells: NumberCells) -> tuple[Share, ...]:
    """Every indicator that the layout can show, with its rate in the reference."""
    found: list[Share] = []
    usable, offered = reference.usable(), reference.offered()
    for feature, part in enumerate(reference.layout.parts):
        listed = (
            _of_category(reference, feature, part)
            if isinstance(part, CategoryLayout)
            else _of_number(reference, feature, cells)
        )
        for kind, hits, quality in (*listed, *_of_any(reference, feature)):
            of_usable = kind not in ("missing", "invalid")
            n = float((usable if of_usable else offered)[feature])
            rate = float(reference.additive[list(hits)].sum()) / max(n, 1.0)
            null = QUALITY_NULL if quality else 0.0
            found.append(
                Share(feature, kind, hits, of_usable, quality, rate, _unit(rate, null), null, n)
            )
    return tuple(share for share in found if share.quality or _varies(share))


def _varies(share: Share) -> bool:
    """An indicator that always or never held has nothing to compare with."""
    least = LEAST_TAIL if share.kind.endswith("tail") else 0
    return least < share.rate < 1


def _unit(rate: float, null: float) -> float:
    bounded = min(max(rate, null, LEAST_RATE), 1 - LEAST_RATE)
    return float(np.sqrt(bounded * (1 - bounded)))


Listed = Iterator[tuple[str, tuple[int, ...], bool]]


def _of_number(reference: Profile, feature: int, cells: NumberCells) -> Listed:
    layout = reference.layout
    start, stop = layout.bin_starts[feature], layout.bin_starts[feature + 1]
    cell = cells.cell_of_bin[start:stop]
    first = layout.slices["bins"].start + int(start)
    for name, tail in (("low tail", cell == cell[0]), ("high tail", cell == cell[-1])):
        yield name, tuple((np.flatnonzero(tail) + first).tolist()), False
    yield "out of range", (first, first + len(cell) - 1), True


def _of_category(reference: Profile, feature: int, part: CategoryLayout) -> Listed:
    layout = reference.layout
    first = layout.slices["bins"].start + int(layout.bin_starts[feature])
    for i, text in enumerate(part.kept):
        yield f"category {text!r}", (first + i,), False
    yield "rare categories", (first + len(part.kept),), False
    yield "new category", (first + len(part.kept) + 1,), True


def _of_any(reference: Profile, feature: int) -> Listed:
    slices = reference.layout.slices
    yield "missing", (slices["missing"].start + feature,), True
    unusable = tuple(slices[name].start + feature for name in ("invalid", "not_finite"))
    yield "invalid", unusable, True
