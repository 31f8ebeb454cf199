"""What an alert shows of every feature: how it was before the change, and how it is since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stream_drift.incidents.alert import WindowInfo, iso
from stream_drift.incidents.guilty import Shown
from stream_drift.profiles.codec import pack_profile, unpack_profile
from stream_drift.profiles.profile import Profile
from stream_drift.scoring.side_by_side import Sides, side_by_side
from stream_drift.scoring.window_scores import PANE_WINDOW, WindowScores
from stream_drift.windows.trailing import TrailingSum

LEAST_BEFORE = 200
"""With fewer live events before the onset, the reference is what it was before."""
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Events of one stretch of time; without times it is the reference."""

    profile: Profile
    start_ms: int = 0
    end_ms: int = 0

    @property
    def is_reference(self) -> bool:
        """Whether its events have no times."""
        return self.end_ms <= self.start_ms

    def volume(self) -> dict[str, Any]:
        """What is shown of the model as a whole."""
        events = self.profile.events
        if self.is_reference:
            return {"n": events}
        hours = (self.end_ms - self.start_ms) / HOUR_MS
        return {"n": events, "events_per_hour": events / hours}


@dataclass(frozen=True, slots=True, eq=False)
class BeforeAfter:
    """Looks at the windows of one moment.

    Attributes
    ----------
    reference
        What a window of a threshold is compared with, and where a baseline was not learned.
    has_baseline
        Whether normal is what was live before.
    windows
        By name; the last one is the longest.
    longest
        The panes of the longest window.
    """

    reference: Profile
    has_baseline: bool
    windows: Mapping[str, WindowScores]
    longest: TrailingSum | None

    def show(self, window: str | None, onset_ms: int, before: bytes | None) -> Shown:
        """A named window against the reference; without a name, what is since the onset.

        That in turn is compared with what it was compared with ``before``, else with the events
        before the onset in the longest window, or, where normal is the reference or these are few,
        with the reference.
        """
        found = self.windows[window or next(reversed(list(self.windows)))]
        now = Stretch(found.profile, found.start_ms, found.end_ms)
        past = Stretch(self.reference)
        if window is None and self.longest is not None:
            past, now = self._parted(self.longest, now, onset_ms)
        if before is not None:
            past = self._unpack(before)
        named = replace(now.profile, new_values=self.windows[PANE_WINDOW].profile.new_values)
        seen = replace(now, profile=named)
        info = WindowInfo(iso(now.start_ms), iso(now.end_ms), named.events, found.complete)
        return Shown(info, partial(_sides, past, seen), _pack(past))

    def _parted(self, panes: TrailingSum, now: Stretch, onset_ms: int) -> tuple[Stretch, Stretch]:
        """What is before the onset, if that tells what is normal, and what is since."""
        reference = Stretch(self.reference)
        if onset_ms <= now.start_ms:
            return reference, now
        earlier, since = map(self._profile, panes.split(onset_ms))
        now = Stretch(since, onset_ms, now.end_ms)
        if not self.has_baseline or earlier.events < LEAST_BEFORE:
            return reference, now
        return Stretch(earlier, panes.first_ms or 0, onset_ms), now

    def _unpack(self, packed: bytes) -> Stretch:
        start_ms, end_ms, profile = msgspec.msgpack.decode(packed)
        return Stretch(unpack_profile(profile, self.reference.layout), start_ms, end_ms)

    def _profile(self, additive: NDArray[np.int64]) -> Profile:
        profile = Profile.empty(self.reference.layout)
        profile.additive[:] = additive
        return profile


def _pack(past: Stretch) -> bytes | None:
    """The live events before the onset; the reference stays at hand."""
    if past.is_reference:
        return None
    return msgspec.msgpack.encode([past.start_ms, past.end_ms, pack_profile(past.profile)])


def _sides(past: Stretch, now: Stretch, feature: str | None) -> Sides:
    """Before and after of one feature, or of the number of events."""
    source = {"of": "reference" if past.is_reference else "baseline"}
    if feature is not None:
        before, after = side_by_side(past.profile, now.profile, feature)
        return source | before, after
    return source | past.volume(), now.volume()
