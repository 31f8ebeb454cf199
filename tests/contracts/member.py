"""A reader and its listener, with a memory of all that happened to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from stream_drift.runtime.transport import (
    Committed,
    Fetched,
    LogReader,
    OutOfRange,
    StoredRecord,
    TopicPartition,
)

Happening = tuple[str, frozenset[TopicPartition]]


class Member:
    """A member of a group that starts each partition at ``starts`` (else 0) and notes everything.

    Attributes
    ----------
    happened
        What the listener was told, in order.
    polls
        All answers of `poll`.
    commit_on_revoke
        Committed, if set, for whatever is about to be given away.
    """

    def __init__(self, reader: LogReader, starts: Mapping[TopicPartition, int]) -> None:
        self.reader = reader
        self.happened: list[Happening] = []
        self.polls: list[list[Fetched | OutOfRange]] = []
        self.records: dict[TopicPartition, list[StoredRecord]] = defaultdict(list)
        self.positions: dict[TopicPartition, int] = {}
        self.out_of_range: list[TopicPartition] = []
        self.owned: set[TopicPartition] = set()
        self.commit_on_revoke: Committed | None = None
        self._starts = starts

    def assigned(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        self._note("assigned", partitions)
        self.owned.update(partitions)
        return {partition: self._starts.get(partition, 0) for partition in partitions}

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        self._note("revoked", partitions)
        if self.commit_on_revoke is not None:
            entry = self.commit_on_revoke
            assert self.reader.commit_now(dict.fromkeys(partitions, entry))
        self.owned.difference_update(partitions)

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        self._note("lost", partitions)
        self.owned.difference_update(partitions)

    def poll(self, max_records: int = 100) -> None:
        answer = self.reader.poll(max_records, 0.05)
        self.polls.append(answer)
        for found in answer:
            assert found.partition in self.owned
            if isinstance(found, OutOfRange):
                self.out_of_range.append(found.partition)
            else:
                self._take(found)

    def values(self, partition: TopicPartition) -> list[bytes | None]:
        return [record.value for record in self.records[partition]]

    def told(self, kind: str) -> list[frozenset[TopicPartition]]:
        return [partitions for happening, partitions in self.happened if happening == kind]

    def has_position(self, partition: TopicPartition, offset: int) -> Callable[[], bool]:
        return lambda: self.positions.get(partition) == offset

    def _note(self, kind: str, partitions: Sequence[TopicPartition]) -> None:
        assert len(partitions) == len(set(partitions)) > 0
        self.happened.append((kind, frozenset(partitions)))

    def _take(self, fetched: Fetched) -> None:
        batch = fetched.batch
        keys = batch.keys or [None] * len(batch)
        headers = batch.headers or [()] * len(batch)
        offsets, times = batch.offsets.tolist(), batch.timestamps_ms.tolist()
        columns = zip(offsets, times, keys, batch.values, headers, strict=True)
        found = [StoredRecord(*column) for column in columns]
        offsets = [record.offset for record in found]
        assert offsets == sorted(set(offsets))
        assert all(offset < batch.next_offset for offset in offsets)
        self.records[fetched.partition] += found
        self.positions[fetched.partition] = batch.next_offset
