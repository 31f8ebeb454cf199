"""What an alert shows of every feature: how it was before the change, and how it is since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stream_drift.engine.row_slices import RowSlices
from stream_drift.incidents.alert import WindowInfo, iso
from stream_drift.incidents.guilty import Shown
from stream_drift.profiles.codec import pack_profile, unpack_profile
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import NewValues, Profile
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


@dataclass(slots=True, eq=False)
class Seen:
    """What a window shows of a change; without ``panes`` always all of it.

    Attributes
    ----------
    new_values
        New categories by name, which only the last pane knows.
    onset_ms
        What is asked for where no other time is.
    """

    whole: Stretch
    new_values: NewValues
    panes: TrailingSum | None = None
    onset_ms: int = 0
    _known: dict[int, Stretch] = field(default_factory=dict)

    def since(self, time_ms: int | None) -> Stretch:
        """The events since a time, as far as the window reaches back."""
        whole, panes = self.whole, self.panes
        start_ms = max(whole.start_ms, self.onset_ms if time_ms is None else time_ms)
        if start_ms not in self._known:
            found, start = whole.profile, whole.start_ms
            if panes is not None and start_ms > start:
                found, start = _profile(found.layout, panes.split(start_ms)[1]), start_ms
            named = replace(found, new_values=self.new_values)
            self._known[start_ms] = Stretch(named, start, whole.end_ms)
        return self._known[start_ms]


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
    rows
        Sampled rows, where there are any.
    """

    reference: Profile
    has_baseline: bool
    windows: Mapping[str, WindowScores]
    longest: TrailingSum | None
    rows: RowSlices | None = None

    def show(self, window: str | None, onset_ms: int, before: bytes | None) -> Shown:
        """A named window against the reference; without a name, what is since the onset.

        That in turn is compared with what it was compared with ``before``, else with the events
        before the onset in the longest window, or, where normal is the reference or these are few,
        with the reference.
        """
        found = self.windows[window or next(reversed(list(self.windows)))]
        new_values = self.windows[PANE_WINDOW].profile.new_values
        seen = Seen(Stretch(found.profile, found.start_ms, found.end_ms), new_values)
        past = Stretch(self.reference)
        if window is None and self.longest is not None:
            seen = Seen(seen.whole, new_values, self.longest, onset_ms)
            past = self._past(self.longest, seen)
        if before is not None:
            past = self._unpack(before)
        now = seen.since(None)
        info = WindowInfo(iso(now.start_ms), iso(now.end_ms), now.profile.events, found.complete)
        find = None
        if self.rows is not None:
            find = partial(self.rows.find, onset_ms, found.end_ms)
        return Shown(info, partial(_sides, past, seen), _pack(past), find)

    def _past(self, panes: TrailingSum, seen: Seen) -> Stretch:
        """What is before the onset if that tells what is normal, else the reference."""
        earlier = _profile(self.reference.layout, panes.split(seen.onset_ms)[0])
        start_ms = seen.whole.start_ms if panes.first_ms is None else panes.first_ms
        if not self.has_baseline or earlier.events < LEAST_BEFORE:
            return Stretch(self.reference)
        return Stretch(earlier, start_ms, seen.onset_ms)

    def _unpack(self, packed: bytes) -> Stretch:
        start_ms, end_ms, profile = msgspec.msgpack.decode(packed)
        return Stretch(unpack_profile(profile, self.reference.layout), start_ms, end_ms)


def _profile(layout: Layout, additive: NDArray[np.int64]) -> Profile:
    profile = Profile.empty(layout)
    profile.additive[:] = additive
    return profile


def _pack(past: Stretch) -> bytes | None:
    """The live events before the onset; the reference stays at hand."""
    if past.is_reference:
        return None
    return msgspec.msgpack.encode([past.start_ms, past.end_ms, pack_profile(past.profile)])


def _sides(past: Stretch, seen: Seen, feature: str | None, since_ms: int | None) -> Sides:
    """Before and after of one feature, or of the number of events."""
    now = seen.since(since_ms)
    source = {"of": "reference" if past.is_reference else "baseline"}
    if feature is not None:
        before, after = side_by_side(past.profile, now.profile, feature)
        return source | before, after
    return source | past.volume(), now.volume()
