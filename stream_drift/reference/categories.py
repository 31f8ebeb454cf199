"""Which categories have a bin of their own, from the reference's values."""

from __future__ import annotations

from collections.abc import Mapping

from stream_drift.errors import ReferenceFileError
from stream_drift.profiles.layout import CategoryLayout

MIN_KEPT_HITS = 50
"""Fewer hits in the reference make a category *rare*."""
MAX_KEPT = 500
MAX_DISTINCT = 100_000


def category_layout(name: str, hits: Mapping[str, int]) -> CategoryLayout:
    """Kept categories by falling hits (then by text), the others as *rare*.

    Raises
    ------
    ReferenceFileError
        Where there are so many distinct values that the feature must be an identifier.
    """
    if len(hits) > MAX_DISTINCT:
        message = (
            f"feature {name!r} has {len(hits)} distinct values in the reference, more than "
            f"{MAX_DISTINCT}: it looks like an identifier. Take it out of `features`, or group it."
        )
        raise ReferenceFileError(message)
    ranked = sorted(hits, key=lambda text: (-hits[text], text))
    kept = tuple(text for text in ranked if hits[text] >= MIN_KEPT_HITS)[:MAX_KEPT]
    return CategoryLayout(name, kept, tuple(sorted(set(hits).difference(kept))))
