"""A batch decoded once, to be counted in stretches: as blocks and panes cut it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.columns import Columns, Reject
from stream_drift.events.record import RecordBatch
from stream_drift.profiles.count import Coded, NewCategory
from stream_drift.profiles.sample import Places

Ints = NDArray[np.int64]

_row = attrgetter("row")


@dataclass(frozen=True, slots=True)
class EventBatch:
    """The events of consecutive records, and what is known of each before it is counted.

    Attributes
    ----------
    pane_starts
        int64, shape (n,): the pane of each event.
    latest_ms
        int64, shape (n,): the greatest event time in the log, up to and including each event.
    on_time
        Which events are not late, ascending.
    places
        Where each event falls among all samples, shape (n,); ``None``: nothing is sampled.
    """

    records: RecordBatch
    columns: Columns
    coded: Coded
    pane_starts: Ints
    latest_ms: Ints
    on_time: Ints
    places: Places | None

    def before(self, row: int) -> int:
        """How many of the events come from records before ``row``."""
        if row == len(self.records):
            return len(self.columns)
        return int(self.columns.offsets.searchsorted(self.records.offsets[row]))

    def row_of(self, event: int) -> int:
        """The record that an event comes from."""
        return int(self.records.offsets.searchsorted(self.columns.offsets[event]))

    def rejects(self, row: int, stop: int) -> Sequence[Reject]:
        """Those of the records from ``row`` up to ``stop``."""
        found = self.columns.rejects
        return found[bisect_left(found, row, key=_row) : bisect_left(found, stop, key=_row)]

    def new(self, events: Ints) -> Sequence[NewCategory]:
        """The new categories between the first and the last of some events, in offset order."""
        if not len(events):
            return ()
        found, first, last = self.coded.new, int(events[0]), int(events[-1])
        return found[bisect_left(found, (first,)) : bisect_left(found, (last + 1,))]
