"""The sampled rows of past hours in the state topic: dense ones, then sparse ones, then none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from stream_drift.engine.chunks import split
from stream_drift.engine.row_store import RowStore
from stream_drift.profiles.row_codec import pack_pane_rows, unpack_pane_rows
from stream_drift.profiles.rows import PaneRows

DENSE, SPARSE = "rows", "few"
KINDS = (DENSE, SPARSE)


class Record(NamedTuple):
    """Packed rows of an hour, and in how many parts they are stored."""

    packed: Any
    n_parts: int


class Ages(NamedTuple):
    """Where a checkpoint's sparse hours end, and where they begin."""

    sparse_before_ms: int
    needs_from_ms: int


@dataclass(slots=True)
class RowRecords:
    """Writes and drops them; every hour stands there once, or twice for a moment.

    Attributes
    ----------
    stored
        The number of parts of each record by kind and start of the hour.
    ages
        Of the checkpoint before, to which a restart may have to go back.
    """

    stored: dict[str, dict[int, int]] = field(default_factory=lambda: {k: {} for k in KINDS})
    ages: Ages | None = None

    def keep(
        self, send: Callable[[str, bytes | None], None], start_ms: int, rows: PaneRows
    ) -> None:
        """Store an hour that is over."""
        self._keep(send, DENSE, start_ms, rows)

    def _keep(
        self, send: Callable[[str, bytes | None], None], kind: str, start_ms: int, rows: PaneRows
    ) -> None:
        parts = split(msgspec.msgpack.encode(pack_pane_rows(rows)))
        for i, part in enumerate(parts):
            send(f"{kind}/{start_ms}/{i}", part)
        self.stored[kind][start_ms] = len(parts)

    def age(self, send: Callable[[str, bytes | None], None], rows: RowStore) -> None:
        """After a checkpoint: let go of what neither it nor the one before needs."""
        if self.ages is not None:
            for start in [s for s in self.stored[DENSE] if s < self.ages.sparse_before_ms]:
                if start in rows.hours and start >= self.ages.needs_from_ms:
                    self._keep(send, SPARSE, start, rows.hours[start])
                self._drop(send, DENSE, start)
            for start in [s for s in self.stored[SPARSE] if s < self.ages.needs_from_ms]:
                self._drop(send, SPARSE, start)
        self.ages = Ages(rows.sparse_before_ms, rows.needs_from_ms)

    def _drop(self, send: Callable[[str, bytes | None], None], kind: str, start_ms: int) -> None:
        for i in range(self.stored[kind].pop(start_ms)):
            send(f"{kind}/{start_ms}/{i}", None)

    def take_up(
        self, kept: Mapping[str, Mapping[int, Record]], rows: RowStore, before_ms: int | None
    ) -> None:
        """Fill the store of a detector with the hours that were kept, up to its own last one."""
        found: dict[int, Any] = {}
        for kind in (SPARSE, DENSE):
            for start, record in kept.get(kind, {}).items():
                self.stored[kind][start] = record.n_parts
                found[start] = record.packed
        hours = ((start, unpack_pane_rows(packed, rows.names)) for start, packed in found.items())
        rows.restore(hours, before_ms)
        self.ages = Ages(rows.sparse_before_ms, rows.needs_from_ms)
