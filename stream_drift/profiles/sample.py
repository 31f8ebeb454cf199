"""The rows that are kept: those whose event id hashes below a rate, wherever they are read."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.category import category_text
from stream_drift.events.columns import INVALID_CATEGORY, Columns
from stream_drift.events.identity import offset_identity

MAX_ROWS = 8_192
"""More rows of one block and pane halve the rate there."""
IDENTITY_BYTES = 8

Places = NDArray[np.uint64]


class SampledRow(NamedTuple):
    """One event's values.

    Attributes
    ----------
    place
        The hash of its id, uniform below 2**64: rows below ``rate * 2**64`` are a fair sample.
    identity
        A keyed hash of its id, the same for a prediction and its label; the id itself is not kept.
    values
        In the order of `Sample.names`; ``None`` where there was no usable value.
    """

    offset: int
    time_ms: int
    place: int
    identity: bytes
    values: tuple[float | str | None, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows that were not sent before, and the rate that holds for their block and pane so far."""

    names: tuple[str, ...]
    rate: float
    rows: tuple[SampledRow, ...]


class Sampler:
    """Chooses and packs rows; a pure function of event ids, the rate and the key."""

    def __init__(self, names: tuple[str, ...], rate: float, key: bytes) -> None:
        self.names = names
        self.rate = rate
        self._key = hashlib.blake2b(key, digest_size=32).digest()
        self._seed = zlib.crc32(self._key)

    def places(self, columns: Columns) -> Places:
        """Where every event's id falls, uniform below 2**64, shape (n,)."""
        ids = columns.ids
        if ids is None:
            ids = [offset_identity(offset) for offset in columns.offsets.tolist()]
        data = map(str.encode, ids, repeat("utf-8"), repeat("surrogatepass"))
        return _mixed(np.fromiter(map(zlib.crc32, data, repeat(self._seed)), np.uint64, len(ids)))

    def rows(self, columns: Columns, places: Places, chosen: NDArray[np.int64]) -> list[SampledRow]:
        """Pack the chosen events."""
        events, offsets = chosen.tolist(), columns.offsets[chosen].tolist()
        ids = columns.ids
        names = map(offset_identity, offsets) if ids is None else [ids[i] for i in events]
        numbers = _with_gaps(columns.numbers[chosen])
        texts = [[_text(column[i]) for i in events] for column in columns.categories]
        values = map(tuple, map(chain, numbers, zip(*texts, strict=True)) if texts else numbers)
        times, chosen_places = columns.times_ms[chosen].tolist(), places[chosen].tolist()
        identities = map(self._identity, names)
        return list(map(SampledRow, offsets, times, chosen_places, identities, values))

    def _identity(self, text: str) -> bytes:
        data = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, digest_size=IDENTITY_BYTES, key=self._key).digest()


def _with_gaps(table: NDArray[np.float64]) -> list[list[float | None]]:
    """The numbers of each row, ``None`` where there is no usable one."""
    rows: list[list[float | None]] = table.tolist()
    for row, i in np.argwhere(~np.isfinite(table)).tolist():
        rows[row][i] = None
    return rows


def _text(value: object) -> str | None:
    return None if value is None or value is INVALID_CATEGORY else category_text(value)


def _mixed(sums: Places) -> Places:
    """Spread 32-bit checksums over 64 bits (the finaliser of splitmix64); neighbours part."""
    with np.errstate(over="ignore"):
        mixed = (sums + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def limit_of(rate: float) -> int:
    """Rows are kept at this rate whose place is below this."""
    return min(int(rate * 2**64), 2**64 - 1)


@dataclass(slots=True)
class PaneSample:
    """What is sampled of one block and pane so far, and what of it was not sent yet."""

    rate: float
    n_rows: int = 0
    n_halvings: int = 0
    _unsent: list[SampledRow] = field(default_factory=list)

    def add(self, rows: Iterable[SampledRow]) -> None:
        """Keep those of the rows that fall below the rate."""
        limit = self.limit
        for row in rows:
            if row.place < limit:
                self._unsent.append(row)
                self.n_rows += 1
                if self.n_rows > MAX_ROWS:
                    self._halve()
                    limit = self.limit

    @property
    def limit(self) -> int:
        """Rows are kept whose place is below this."""
        return limit_of(self.rate)

    def _halve(self) -> None:
        """Rows that were sent already stay sent; readers cut them by their place."""
        self.rate /= 2
        self.n_halvings += 1
        self.n_rows //= 2
        limit = self.limit
        self._unsent = [row for row in self._unsent if row.place < limit]

    def take(self, names: tuple[str, ...]) -> Sample:
        """What was not sent yet."""
        rows, self._unsent = tuple(self._unsent), []
        return Sample(names, self.rate, rows)
