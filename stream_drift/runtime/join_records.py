"""Predictions and labels that wait for each other in the state topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from stream_drift.engine.chunks import split
from stream_drift.engine.effects import KeepJoin
from stream_drift.runtime.row_records import Record

KINDS = ("waiting", "labels")


@dataclass(slots=True)
class JoinRecords:
    """Writes panes of predictions and of labels once, and drops them when they are of no use.

    Attributes
    ----------
    stored
        The number of parts of each record by kind and start of the pane.
    needs_from_ms
        Where the panes begin that the checkpoint before needs, to which a restart may go back.
    """

    stored: dict[str, dict[int, int]] = field(default_factory=lambda: {k: {} for k in KINDS})
    needs_from_ms: int | None = None

    def keep(self, send: Callable[[str, bytes | None], None], effect: KeepJoin) -> None:
        """Store a pane."""
        parts = split(msgspec.msgpack.encode(effect.packed))
        for i, part in enumerate(parts):
            send(f"{effect.kind}/{effect.start_ms}/{i}", part)
        self.stored[effect.kind][effect.start_ms] = len(parts)

    def age(self, send: Callable[[str, bytes | None], None], needs_from_ms: int | None) -> None:
        """After a checkpoint: let go of what neither it nor the one before needs."""
        if self.needs_from_ms is not None:
            for kind, stored in self.stored.items():
                for start in [start for start in stored if start < self.needs_from_ms]:
                    for i in range(stored.pop(start)):
                        send(f"{kind}/{start}/{i}", None)
        self.needs_from_ms = needs_from_ms

    def take_up(self, kept: Mapping[str, Mapping[int, Record]]) -> dict[str, dict[int, Any]]:
        """What the topic holds, packed, by kind and start."""
        found: dict[str, dict[int, Any]] = {}
        for kind in KINDS:
            records = kept.get(kind, {})
            self.stored[kind] = {start: record.n_parts for start, record in records.items()}
            found[kind] = {start: record.packed for start, record in records.items()}
        return found
