"""Sampled rows on their way from blocks to panes: kept once, whatever is written twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.sample import Sample, SampledRow, limit_of

Values = tuple[float | str | None, ...]
_PLACE = attrgetter("place")


class Row(NamedTuple):
    """One event's values, wherever it was read: see `SampledRow`."""

    place: int
    identity: bytes
    time_ms: int
    values: Values


@dataclass(frozen=True, slots=True)
class PaneRows:
    """A fair sample of the events of a pane or window: those whose place is below a limit.

    Attributes
    ----------
    names
        Of the values, in order.
    rate
        The share of events whose rows are here; 0 where nothing is sampled.
    rows
        By place, then identity, time and values; nothing here depends on input partitions.
    """

    names: tuple[str, ...]
    rate: float = 0.0
    rows: tuple[Row, ...] = ()

    def cut(self, rate: float) -> PaneRows:
        """The sample at a lower rate."""
        if rate >= self.rate:
            return self
        limit = limit_of(rate)
        return PaneRows(self.names, rate, tuple(row for row in self.rows if row.place < limit))

    def thinned(self, n_rows: int) -> PaneRows:
        """The sample at the highest rate that leaves at most this many rows."""
        if len(self.rows) <= n_rows:
            return self
        return self.cut(float(np.nextafter(self.rows[n_rows].place / 2**64, 0)))

    def table(self, names: Iterable[str]) -> NDArray[np.float64]:
        """The values of number features, NaN where there is none, shape (n_rows, n_names)."""
        found = [np.array(self._values(name), np.float64) for name in names]
        return np.array(found).reshape(-1, len(self.rows)).T

    def _values(self, name: str) -> list[float | str | None]:
        i = self.names.index(name)
        return [row.values[i] for row in self.rows]

    def texts(self, name: str) -> list[str | None]:
        """The values of a category feature."""
        return [value if isinstance(value, str) else None for value in self._values(name)]


def merged(names: tuple[str, ...], parts: Iterable[PaneRows]) -> PaneRows:
    """Samples of different events of one monitor as one, at the lowest of their rates."""
    sampled = [part for part in parts if part.rate]
    rate = min((part.rate for part in sampled), default=0.0)
    rows = [row for part in sampled for row in part.cut(rate).rows]
    return PaneRows(names, rate, in_order(rows))


def in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows in `row_order`, whose later parts are looked at only where places are equal."""
    found = sorted(rows, key=_PLACE)
    if any(one.place == other.place for one, other in pairwise(found)):
        found.sort(key=row_order)
    return tuple(found)


def row_order(row: Row) -> tuple[int, bytes, int, bytes]:
    """By place; values last, as bytes, since numbers and texts cannot be compared."""
    return row.place, row.identity, row.time_ms, msgspec.msgpack.encode(row.values)


@dataclass(slots=True)
class BlockRows:
    """The rows of one (block, pane) so far; a row that comes again replaces itself."""

    names: tuple[str, ...] = ()
    rate: float = 1.0
    by_offset: dict[int, SampledRow] = field(default_factory=dict)

    def add(self, sample: Sample | None) -> None:
        """Take the rows of a snapshot; those above the lowest rate so far go."""
        if sample is None:
            return
        self.names = sample.names
        if sample.rate < self.rate:
            self.rate, limit = sample.rate, limit_of(sample.rate)
            self.by_offset = {o: r for o, r in self.by_offset.items() if r.place < limit}
        limit = limit_of(self.rate)
        self.by_offset.update((row.offset, row) for row in sample.rows if row.place < limit)


@dataclass(slots=True)
class SourceRows:
    """The rows of one pane from all blocks of the inputs that carry the same columns."""

    rate: float
    rows: list[Row] = field(default_factory=list)

    def add(self, block: BlockRows) -> None:
        """Take the rows of a block that is accounted for."""
        self.lower(block.rate)
        limit = limit_of(self.rate)
        self.rows += [
            Row(row.place, row.identity, row.time_ms, row.values)
            for row in block.by_offset.values()
            if row.place < limit
        ]

    def lower(self, rate: float) -> None:
        """Keep what is below a lower rate."""
        if rate < self.rate:
            self.rate, limit = rate, limit_of(rate)
            self.rows = [row for row in self.rows if row.place < limit]


Sources = dict[tuple[str, ...], SourceRows]
"""The rows of one pane by the columns that their inputs carry."""


def pane_rows(names: tuple[str, ...], sources: Sources, *, joined: bool) -> PaneRows:
    """The rows of a pane with the values of all its inputs.

    Parameters
    ----------
    names
        The monitor's features; sources that carry none of them are left out.
    joined
        Whether rows of one identity from inputs with different columns are one event: those
        that come n-th in the order of rows in either belong together.
    """
    place = {name: i for i, name in enumerate(names)}
    carried = {columns: s for columns, s in sources.items() if place.keys() & set(columns)}
    rate = min((source.rate for source in carried.values()), default=0.0)
    limit, seen = limit_of(rate), dict[tuple[object, ...], int]()
    whole: dict[tuple[object, ...], Row] = {}
    for columns, source in sorted(carried.items()):
        at = [place.get(name) for name in columns]
        for row in in_order(row for row in source.rows if row.place < limit):
            n = seen[columns, row.identity] = seen.get((columns, row.identity), -1) + 1
            key = (row.identity, n) if joined else (columns, row.identity, n)
            whole[key] = _filled(whole.get(key), row, at, len(names))
    return PaneRows(names, rate, in_order(whole.values()))


def _filled(known: Row | None, row: Row, at: Sequence[int | None], n_values: int) -> Row:
    values: list[float | str | None]
    values = [None] * n_values if known is None else list(known.values)
    for i, value in zip(at, row.values, strict=True):
        if i is not None:
            values[i] = value
    time_ms = row.time_ms if known is None else min(known.time_ms, row.time_ms)
    return Row(row.place, row.identity, time_ms, tuple(values))
