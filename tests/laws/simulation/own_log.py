"""What happens to our own topics: commands, repeats, retention, and state that is lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from stream_drift.engine.chunks import split
from stream_drift.engine.wire import encode_record
from stream_drift.runtime.memory.log import MemoryLog
from stream_drift.runtime.own_topics import OwnTopics, log_key, monitor_of, partition_of
from stream_drift.runtime.state_store import SLOTS, Kept, read_state
from stream_drift.runtime.transport import StoredRecord
from stream_drift.windows.log import Command

NAME = "sim"
OWN = OwnTopics(NAME)
N_PARTITIONS = 2


class OwnLog:
    """Our own topics in the simulated log, and all that ever stood in the profiles topic."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self._scanner = log.scanner()
        self._expired: dict[int, list[StoredRecord]] = defaultdict(list)
        for topic in (OWN.profiles, OWN.state, OWN.alerts, OWN.rejects):
            log.create_topic(topic, N_PARTITIONS)

    def records_of(self, topic: str, monitor: str) -> list[StoredRecord]:
        """All records of a monitor that a topic holds, or held."""
        number = partition_of(monitor, N_PARTITIONS)
        held = self._expired[number] if topic == OWN.profiles else []
        return [r for r in (*held, *self._records(topic, number)) if monitor_of(r.key) == monitor]

    def alerts(self, monitor: str) -> list[StoredRecord]:
        """The partition of the alerts topic in which a monitor's alerts stand."""
        return self._records(OWN.alerts, partition_of(monitor, N_PARTITIONS))

    def repeat(self, number: int, back: int) -> None:
        """A record of the profiles topic arrives once more."""
        stored = self._records(OWN.profiles, number)
        if stored:
            record = stored[-min(back, len(stored))]
            self._log.append((OWN.profiles, number), record.value, key=record.key)

    def command(self, monitor: str, word: str) -> None:
        """An operator speaks."""
        command = Command(word, "eve", "because", {"for_ms": "600000", "version": "4"})
        at = (OWN.profiles, partition_of(monitor, N_PARTITIONS))
        for part in split(encode_record(command)):
            self._log.append(at, part, key=log_key(monitor, command))

    def spoil(self, number: int) -> None:
        """Overwrite every monitor's newest checkpoint with nothing, where there is another one."""
        for monitor, kept in self._kept(number).items():
            if len(kept.checkpoints) == len(SLOTS):
                slot, _ = kept.newest_first()[0]
                key = f"{monitor}/checkpoint/{slot}/0".encode()
                self._log.append((OWN.state, number), None, key=key)

    def expire(self) -> None:
        """Forget of the profiles topic what no checkpoint needs; nothing where one is missing."""
        for number in range(N_PARTITIONS):
            kept = self._kept(number).values()
            if kept and all(len(state.checkpoints) == len(SLOTS) for state in kept):
                applied = [c.applied for state in kept for c in state.checkpoints.values()]
                self._trim(number, min(applied) + 1)

    def _trim(self, number: int, start: int) -> None:
        at = (OWN.profiles, number)
        self._expired[number] += self._scanner.scan(at, None, start)
        self._log.trim(at, max(start, next((r.offset for r in self._scanner.scan(at)), 0)))

    def forget(self) -> None:
        """Empty the state topic."""
        for number in range(N_PARTITIONS):
            self._log.trim((OWN.state, number), self._scanner.end_offset((OWN.state, number)))

    def _kept(self, number: int) -> dict[str, Kept]:
        """What is left of the state once compaction has come by."""
        return read_state(compacted(self._records(OWN.state, number)))

    def _records(self, topic: str, number: int) -> list[StoredRecord]:
        return list(self._scanner.scan((topic, number)))


def compacted(records: Sequence[StoredRecord]) -> list[StoredRecord]:
    """The last record of every key, tombstones gone, as log compaction leaves it."""
    last = {record.key: record.offset for record in records}
    return [
        record
        for record in records
        if last[record.key] == record.offset and record.value is not None
    ]
