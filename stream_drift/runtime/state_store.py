"""What the detect role keeps in the state topic: checkpoints in two slots, and closed panes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog

from stream_drift.engine.chunks import Joiner, split
from stream_drift.engine.effects import KeepJoin
from stream_drift.engine.row_store import RowStore
from stream_drift.errors import WireFormatError
from stream_drift.profiles.codec import pack_profile
from stream_drift.profiles.profile import Profile
from stream_drift.profiles.rows import PaneRows
from stream_drift.runtime import join_records
from stream_drift.runtime.join_records import JoinRecords
from stream_drift.runtime.own_topics import monitor_of
from stream_drift.runtime.row_records import KINDS, Record, RowRecords
from stream_drift.runtime.transport import LogWriter, StoredRecord

ROW_KINDS = (*KINDS, *join_records.KINDS)
SLOTS = ("a", "b")

_logger = structlog.get_logger("stream_drift.detect")


class Checkpoint(msgspec.Struct, array_like=True):
    """A detector's state, and where in our topics it stands.

    Attributes
    ----------
    applied
        Offset in the profiles partition of the last record that is part of the state.
    alerts_end
        End of the alerts partition when it was taken: later alerts may have been sent since.
    unfinished
        Parts of large records whose other parts had not come yet.
    over
        Ids of the incidents that were resolved last.
    """

    applied: int
    alerts_end: int
    state: bytes
    unfinished: list[bytes] = []
    over: list[str] = []


@dataclass(slots=True)
class Kept:
    """What the state topic holds of one monitor.

    Attributes
    ----------
    checkpoints
        Whole ones, by slot.
    panes, pane_parts
        Packed profiles of closed panes by start (``None``: damaged, or a part is missing), and in
        how many parts each is stored.
    rows
        Sampled rows of the hours that are over, by kind of record and start.
    """

    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    panes: dict[int, Any] = field(default_factory=dict)
    pane_parts: dict[int, int] = field(default_factory=dict)
    rows: dict[str, dict[int, Record]] = field(default_factory=dict)

    def newest_first(self) -> list[tuple[str, Checkpoint]]:
        """Slots and checkpoints; the one that has come furthest first."""
        return sorted(self.checkpoints.items(), key=lambda item: -item[1].applied)


def read_state(records: Iterable[StoredRecord]) -> dict[str, Kept]:
    """What a partition of the state topic holds, by monitor; damaged records are passed over."""
    kept: dict[str, Kept] = {}
    joiner = Joiner()
    for record in records:
        try:
            _read_one(record, kept.setdefault(monitor_of(record.key), Kept()), joiner)
        except (WireFormatError, msgspec.DecodeError, ValueError) as error:
            key = (record.key or b"").decode("utf-8", "replace")
            _logger.warning("record of the state topic passed over", key=key, error=str(error))
    return kept


def _read_one(record: StoredRecord, mine: Kept, joiner: Joiner) -> None:
    _, kind, name, part = (record.key or b"").decode("utf-8", "replace").split("/")
    if record.value is None:
        _forget(mine, kind, name)
        return
    if kind == "pane":
        mine.pane_parts[int(name)] = int(part) + 1
        mine.panes.setdefault(int(name), None)
    whole = joiner.add(record.value)
    if whole is None:
        return
    if kind == "pane":
        mine.panes[int(name)] = msgspec.msgpack.decode(whole)
    elif kind in ROW_KINDS:
        rows = Record(msgspec.msgpack.decode(whole), int(part) + 1)
        mine.rows.setdefault(kind, {})[int(name)] = rows
    else:
        mine.checkpoints[name] = msgspec.msgpack.decode(whole, type=Checkpoint)


def _forget(mine: Kept, kind: str, name: str) -> None:
    if kind == "pane":
        mine.panes.pop(int(name), None)
    elif kind in ROW_KINDS:
        mine.rows.get(kind, {}).pop(int(name), None)
    else:
        mine.checkpoints.pop(name, None)


@dataclass(slots=True)
class StateStore:
    """Writes one monitor's state.

    Attributes
    ----------
    starts
        The closed panes that the topic still holds.
    needs_from_ms
        Where the panes begin that the checkpoint in `slot` builds on; ``None``: none is there.
    """

    topic: str
    partition: int
    monitor: str
    writer: LogWriter
    slot: str = SLOTS[0]
    needs_from_ms: int | None = None
    starts: deque[int] = field(default_factory=deque)
    pane_parts: dict[int, int] = field(default_factory=dict)
    rows: RowRecords = field(default_factory=RowRecords)
    join: JoinRecords = field(default_factory=JoinRecords)

    def keep_join(self, effect: KeepJoin) -> None:
        """Store predictions or labels that wait for each other."""
        self.join.keep(self._send, effect)

    def age_join(self, needs_from_ms: int | None) -> None:
        """After a checkpoint that needs no earlier panes of them."""
        self.join.age(self._send, needs_from_ms)

    def keep_rows(self, start_ms: int, rows: PaneRows) -> None:
        """Store the sampled rows of an hour that is over."""
        self.rows.keep(self._send, start_ms, rows)

    def keep_pane(self, start_ms: int, profile: Profile) -> None:
        """Store a closed pane."""
        parts = split(msgspec.msgpack.encode(pack_profile(profile)))
        for i, part in enumerate(parts):
            self._send(f"pane/{start_ms}/{i}", part)
        self.pane_parts[start_ms] = len(parts)
        self.starts.append(start_ms)

    def keep_checkpoint(self, checkpoint: Checkpoint, needs_from_ms: int, rows: RowStore) -> None:
        """Store a checkpoint in the slot that does not hold the last one.

        Panes and rows are dropped when the last one, to which a restart may have to go back,
        needs them no more.
        """
        self.slot = SLOTS[1 - SLOTS.index(self.slot)]
        for i, part in enumerate(split(msgspec.msgpack.encode(checkpoint))):
            self._send(f"checkpoint/{self.slot}/{i}", part)
        if self.needs_from_ms is not None:
            self._drop_panes_before(self.needs_from_ms)
        self.needs_from_ms = needs_from_ms
        self.rows.age(self._send, rows)

    def _drop_panes_before(self, time_ms: int) -> None:
        while self.starts and self.starts[0] < time_ms:
            gone = self.starts.popleft()
            for i in range(self.pane_parts.pop(gone, 1)):
                self._send(f"pane/{gone}/{i}", None)

    def _send(self, name: str, value: bytes | None) -> None:
        key = f"{self.monitor}/{name}".encode()
        self.writer.send(self.topic, self.partition, key, value)
