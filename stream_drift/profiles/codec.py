"""Profiles on the wire: one packed entry per feature, tagged with its layout id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_drift.errors import WireFormatError
from stream_drift.profiles.layout import Extra, Layout
from stream_drift.profiles.profile import Profile

PackedProfile = list[Any]
"""``[events, [part, ...]]``; a part is ``[layout id, bins, missing, invalid, not finite, rest]``.

The rest of a number is ``[sum, squares high, squares low, low, high]`` (extremes None where there
was no value), of a category ``[[text, count], ...]`` of its new values by text. Where the layout
has extras they come third, ``[[identity, cells, counts], ...]``, only cells that are not 0.
"""


def pack_profile(profile: Profile) -> PackedProfile:
    """The profile as plain lists, the same for the same content."""
    layout = profile.layout
    unusable = [profile.view(name).tolist() for name in ("missing", "invalid", "not_finite")]
    moments = [profile.view(name).tolist() for name in ("sums", "squares_high", "squares_low")]
    extremes = [[_finite(value) for value in end.tolist()] for end in (profile.low, profile.high)]
    bins, starts = profile.view("bins").tolist(), layout.bin_starts.tolist()
    parts = []
    for i, (identity, name) in enumerate(zip(layout.ids, layout.names, strict=True)):
        rest: list[Any]
        if i < layout.n_numbers:
            rest = [words[i] for words in (*moments, *extremes)]
        else:
            rest = sorted([text, n] for text, n in profile.new_values.get(name, {}).items())
        parts.append(
            [identity, bins[starts[i] : starts[i + 1]], *[words[i] for words in unusable], rest]
        )
    extras = [_pack_extra(extra, profile.view(extra.name)) for extra in layout.extras]
    return [profile.events, parts, *([extras] if extras else [])]


def _pack_extra(extra: Extra, counts: NDArray[np.int64]) -> list[Any]:
    cells = np.flatnonzero(counts)
    return [extra.identity, cells.tolist(), counts[cells].tolist()]


def _finite(value: float) -> float | None:
    """The value; of the two zeros, of which either may be an extreme, the positive one."""
    return value + 0.0 if np.isfinite(value) else None


def unpack_profile(packed: PackedProfile, layout: Layout) -> Profile:
    """The profile on ``layout``; features whose layout id differs come out empty.

    So a changed reference or pane starts those features anew and leaves the others alone.

    Raises
    ------
    WireFormatError
        Where the lists are not what `pack_profile` gives.
    """
    profile = Profile.empty(layout)
    place = {identity: i for i, identity in enumerate(layout.ids)}
    try:
        profile.additive[0], parts, *extras = packed
        _unpack_extras(profile, extras[0] if extras else ())
        for identity, *counts in parts:
            if identity in place:
                _unpack_part(profile, place[identity], *counts)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        message = f"damaged profile: {error}"
        raise WireFormatError(message) from error
    return profile


def _unpack_extras(profile: Profile, packed: Iterable[list[Any]]) -> None:
    by_identity = {extra.identity: extra.name for extra in profile.layout.extras}
    for identity, cells, counts in packed:
        if identity in by_identity:
            profile.view(by_identity[identity])[cells] = counts


def _unpack_part(profile: Profile, i: int, bins: list[int], *counts_and_rest: Any) -> None:
    *unusable, rest = counts_and_rest
    profile.bins_of(i)[:] = bins
    for name, count in zip(("missing", "invalid", "not_finite"), unusable, strict=True):
        profile.view(name)[i] = count
    _unpack_rest(profile, i, rest)


def _unpack_rest(profile: Profile, i: int, rest: list[Any]) -> None:
    if i >= profile.layout.n_numbers:
        if rest:
            profile.new_values[profile.layout.names[i]] = dict(rest)
        return
    *words, low, high = rest
    for name, word in zip(("sums", "squares_high", "squares_low"), words, strict=True):
        profile.view(name)[i] = word
    profile.low[i] = np.inf if low is None else low
    profile.high[i] = -np.inf if high is None else high
