"""A member of a consumer group of the in-memory log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from stream_drift.runtime.memory.group import MemoryGroup
from stream_drift.runtime.memory.topics import MemoryTopics
from stream_drift.runtime.transport import (
    Committed,
    Fetched,
    Listener,
    OutOfRange,
    TopicInfo,
    TopicPartition,
)


class MemoryReader:
    """Keeps the contract of `transport.LogReader`; made by `MemoryLog.reader`."""

    def __init__(
        self,
        topics: MemoryTopics,
        group: MemoryGroup,
        member: int,
        *,
        with_keys: bool,
        with_headers: bool,
    ) -> None:
        self._topics = topics
        self._group = group
        self._member = member
        self._with_keys = with_keys
        self._with_headers = with_headers
        self._wanted: frozenset[str] = frozenset()
        self._listener: Listener | None = None
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()
        self._out_of_range: set[TopicPartition] = set()
        self._n_polls = 0

    def subscribe(self, topics: Sequence[str], listener: Listener) -> None:
        """Join the group; partitions arrive at the next `poll`."""
        self._wanted = frozenset(topics)
        self._listener = listener
        self._group.join(self._member, self._wanted, self._topics.ids())

    def fence(self) -> None:
        """Let the group give this member up, as after a crash or a long freeze.

        Others get its partitions when they poll. Should it wake, nothing that it commits counts,
        and its next `poll` tells it that all was lost and joins again.
        """
        self._group.leave(self._member, self._topics.ids())

    def poll(self, max_records: int, timeout_seconds: float) -> list[Fetched | OutOfRange]:
        """What is there now, starting with another partition each time; never waits."""
        del timeout_seconds
        if self._listener is not None:
            self._settle(self._listener)
        self._n_polls += 1
        found: list[Fetched | OutOfRange] = []
        for partition in self._in_turn():
            fetched = self._fetch(partition, max_records)
            if fetched is not None:
                found.append(fetched)
                max_records -= len(fetched.batch) if isinstance(fetched, Fetched) else 0
        return found

    def commit(self, offsets: Mapping[TopicPartition, Committed]) -> None:
        """Store positions of owned partitions at once, unless the group has given us up."""
        self.commit_now(offsets)

    def commit_now(self, offsets: Mapping[TopicPartition, Committed]) -> bool:
        """As `commit`; False where it was refused."""
        owned = {at: entry for at, entry in offsets.items() if at in self._positions}
        return self._group.has(self._member) and self._group.commit(owned)

    def committed(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, Committed]:
        """What the group has stored; partitions without an entry are left out."""
        stored = self._group.committed
        return {at: stored[at] for at in partitions if at in stored}

    def start_offset(self, partition: TopicPartition) -> int:
        """The oldest offset that the log still holds."""
        return self._topics.at(partition).start_offset

    def end_offset(self, partition: TopicPartition) -> int:
        """One past the last record."""
        return self._topics.at(partition).end_offset

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Continue an owned partition at ``offset``."""
        if partition in self._positions:
            self._positions[partition] = offset
            self._out_of_range.discard(partition)

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch nothing more of these owned partitions until `resume`."""
        self._paused.update(at for at in partitions if at in self._positions)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Undo `pause`."""
        self._paused.difference_update(partitions)

    def topics(self, names: Sequence[str]) -> dict[str, TopicInfo]:
        """Identity and size of those of the topics that exist."""
        return self._topics.infos(names)

    def close(self) -> None:
        """Leave the group; may be called twice."""
        if self._listener is None:
            return
        listener, self._listener = self._listener, None
        owned = list(self._positions)
        if not self._group.has(self._member):
            self._drop(owned)
            listener.lost(owned)
        elif owned:
            listener.revoked(owned)
            self._drop(owned)
        self._group.leave(self._member, self._topics.ids())

    def _settle(self, listener: Listener) -> None:
        """Bring what we own in line with what the group wants us to own."""
        if not self._group.has(self._member):
            self._rejoin(listener)
        if revoked := self._group.to_revoke(self._member):
            listener.revoked(revoked)
            self._drop(revoked)
            self._group.release(revoked)
        if new := self._group.take(self._member):
            starts = listener.assigned(new)
            self._positions.update((at, starts[at]) for at in new)

    def _rejoin(self, listener: Listener) -> None:
        lost = list(self._positions)
        self._drop(lost)
        if lost:
            listener.lost(lost)
        self._group.join(self._member, self._wanted, self._topics.ids())

    def _drop(self, partitions: Sequence[TopicPartition]) -> None:
        for at in partitions:
            self._positions.pop(at, None)
        self._paused.difference_update(partitions)
        self._out_of_range.difference_update(partitions)

    def _in_turn(self) -> list[TopicPartition]:
        ready = sorted(self._positions.keys() - self._paused - self._out_of_range)
        turn = self._n_polls % len(ready) if ready else 0
        return ready[turn:] + ready[:turn]

    def _fetch(self, at: TopicPartition, max_records: int) -> Fetched | OutOfRange | None:
        position, log = self._positions[at], self._topics.find(at)
        if log is None:
            return None
        if not log.holds(position):
            self._out_of_range.add(at)
            return OutOfRange(at)
        if position == log.end_offset or max_records == 0:
            return None
        batch = log.read(
            position, max_records, with_keys=self._with_keys, with_headers=self._with_headers
        )
        self._positions[at] = batch.next_offset
        return Fetched(at, batch)
