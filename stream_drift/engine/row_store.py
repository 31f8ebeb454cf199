"""The rows of the last two weeks: many of the last day, few of the days before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from stream_drift.profiles.rows import PaneRows, Row, merged, row_order
from stream_drift.windows.trailing import HOUR_MS

DENSE_MS, DENSE_ROWS = 24 * HOUR_MS, 1_024
"""For how long so many rows of every hour are kept."""
SPARSE_MS, SPARSE_ROWS = 14 * 24 * HOUR_MS, 80
MAX_ROWS = DENSE_MS // HOUR_MS * DENSE_ROWS + SPARSE_MS // HOUR_MS * SPARSE_ROWS


@dataclass(slots=True)
class RowStore:
    """A fair sample of every hour of event time; a pure function of the panes that closed.

    Attributes
    ----------
    hours
        By the hour's start (ms), ascending; the last one is still being filled.
    """

    names: tuple[str, ...]
    pane_ms: int
    hours: dict[int, PaneRows] = field(default_factory=dict)

    def push(self, start_ms: int, rows: PaneRows) -> list[int]:
        """Take the rows of the next closed pane; the start of the hour that is now over."""
        if not rows.rate:
            return []
        hour = start_ms - start_ms % HOUR_MS
        last = self.last_hour_ms
        known = self.hours.get(hour, PaneRows(self.names))
        self.hours[hour] = merged(self.names, [known, rows]).thinned(DENSE_ROWS)
        self._age()
        return [last] if last is not None and last < hour and last in self.hours else []

    @property
    def last_hour_ms(self) -> int | None:
        """The start of the hour that is being filled."""
        return next(reversed(self.hours), None)

    @property
    def sparse_before_ms(self) -> int:
        """Hours that start earlier keep few rows."""
        return (self.last_hour_ms or 0) - DENSE_MS

    @property
    def needs_from_ms(self) -> int:
        """Hours that start earlier are forgotten."""
        return (self.last_hour_ms or 0) - SPARSE_MS

    def _age(self) -> None:
        self.hours = {
            start: rows.thinned(SPARSE_ROWS) if start < self.sparse_before_ms else rows
            for start, rows in self.hours.items()
            if start >= self.needs_from_ms
        }

    def between(self, start_ms: int, end_ms: int) -> PaneRows:
        """A fair sample of the events of ``[start_ms, end_ms)``, as large as can be had."""
        reach_ms = HOUR_MS + self.pane_ms  # panes belong to the hour in which they start
        reached = (
            rows
            for hour, rows in self.hours.items()
            if hour < end_ms and hour + reach_ms > start_ms
        )
        everything = merged(self.names, reached)
        inside = tuple(row for row in everything.rows if start_ms <= row.time_ms < end_ms)
        return PaneRows(self.names, everything.rate, inside)

    def newest(self, n_rows: int) -> PaneRows:
        """The newest rows of the last day, oldest first."""
        rows: list[Row] = []
        for hour, kept in reversed(self.hours.items()):
            if len(rows) >= n_rows or hour < self.sparse_before_ms:
                break
            rows += kept.rows
        rows.sort(key=lambda row: (row.time_ms, row_order(row)))
        return PaneRows(self.names, 1.0, tuple(rows[-n_rows:]))

    def restore(self, hours: Iterable[tuple[int, PaneRows]], before_ms: int | None) -> None:
        """Take up hours that are over; only those that start before a time, if one is given."""
        past = {start: rows for start, rows in hours if before_ms is None or start < before_ms}
        self.hours = {**dict(sorted(past.items())), **self.hours}
        self._age()
