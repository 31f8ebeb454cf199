"""Open panes: block totals so far, the newest snapshots beside them, and what is incomplete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from stream_drift.engine.pane_rows import OpenRows
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import Profile
from stream_drift.windows.chain import Chain, Newest
from stream_drift.windows.log import Snapshot

MAX_NEW_VALUES = 20
"""New categories that a closed pane keeps by name, per feature: those with the most events."""


@dataclass(slots=True)
class OpenPanes:
    """Collects every pane until the clock passes its end.

    Attributes
    ----------
    folded
        Per pane start, the sum of its finished blocks; panes with only newest snapshots too.
    rows
        The sampled rows of finished blocks.
    closed_until_ms
        Panes that end at or before this time are closed for good.
    incomplete
        Starts of panes from which offsets were lost.
    incomplete_before_ms
        Panes that start earlier and are still to close miss events too.
    n_after_close
        Events that came for a pane already closed.
    """

    layout: Layout
    folded: dict[int, Profile] = field(default_factory=dict)
    rows: OpenRows = field(default_factory=OpenRows)
    closed_until_ms: int | None = None
    incomplete: set[int] = field(default_factory=set)
    incomplete_before_ms: int | None = None
    n_after_close: int = 0

    def is_closed(self, start_ms: int) -> bool:
        """Whether the clock has passed the pane's end."""
        closed = self.closed_until_ms
        return closed is not None and start_ms + self.layout.pane_ms <= closed

    def take_snapshot(self, chain: Chain, snapshot: Snapshot) -> bool:
        """Let the chain keep the snapshot if it is news; says whether it was.

        What comes for a closed pane is only counted.
        """
        start = snapshot.pane_start_ms
        known = chain.newest.get(start)
        n_before = known.events if known is not None else 0
        if not chain.take_snapshot(snapshot):
            return False
        if self.is_closed(start):
            self.n_after_close += snapshot.profile.events - n_before
            chain.newest[start].use_up()
        elif start not in self.folded:
            self.folded[start] = Profile.empty(self.layout)
        return True

    def fold(self, finished: Mapping[int, Newest]) -> None:
        """A block is accounted for: its snapshots become part of their panes."""
        for start, newest in finished.items():
            if newest.profile is not None:
                self.folded[start].add(newest.profile)
                self.rows.fold(start, newest.rows)

    def lose(self, dropped: Mapping[int, Newest]) -> None:
        """Offsets are gone: unfinished snapshots leave, and every open pane is incomplete."""
        self.miss((*self.folded, *dropped))

    def miss(self, starts: Iterable[int]) -> None:
        """Those of the panes that are still open miss events."""
        self.incomplete.update(start for start in starts if not self.is_closed(start))

    def miss_before(self, time_ms: int) -> None:
        """All panes that start earlier and are still to close miss events."""
        self.incomplete_before_ms = max(time_ms, self.incomplete_before_ms or time_ms)

    def due(self, clock_ms: int) -> list[int]:
        """Starts of open panes whose end the clock has passed, oldest first."""
        pane_ms = self.layout.pane_ms
        return sorted(start for start in self.folded if start + pane_ms <= clock_ms)

    def close(self, start_ms: int, chains: Iterable[Chain]) -> Profile:
        """The pane's total; what its newest snapshots hold is marked as used."""
        total = self.folded.pop(start_ms)
        before_ms = self.incomplete_before_ms
        if before_ms is not None and start_ms < before_ms:
            self.incomplete.add(start_ms)
        for chain in chains:
            if chain.is_torn:
                self.incomplete.add(start_ms)
            newest = chain.newest.get(start_ms)
            if newest is not None and newest.profile is not None:
                total.add(newest.profile)
                self.rows.fold(start_ms, newest.rows)
                newest.use_up()
        for name, values in total.new_values.items():
            ranked = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
            total.new_values[name] = dict(ranked[:MAX_NEW_VALUES])
        return total
