"""The places where a simulated process can be hit: every call that it makes into the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from stream_drift.runtime.memory.reader import MemoryReader
from stream_drift.runtime.memory.scanner import MemoryScanner
from stream_drift.runtime.memory.writer import MemoryWriter
from stream_drift.runtime.transport import (
    Ack,
    Committed,
    Fetched,
    Headers,
    Listener,
    OutOfRange,
    StoredRecord,
    TopicInfo,
    TopicPartition,
)
from tests.laws.simulation.own_log import OWN, compacted

AtSeam = Callable[[], None]


class Crashed(BaseException):
    """The process is dead; not an `Exception`, so that nothing in it can live on."""


class SeamReader:
    """A `MemoryReader` that is hit before every call, and whose polls may return little."""

    def __init__(self, inner: MemoryReader, at_seam: AtSeam) -> None:
        self.inner = inner
        self.most_records = 1
        self._at_seam = at_seam

    def subscribe(self, topics: Sequence[str], listener: Listener) -> None:
        self.inner.subscribe(topics, listener)

    def poll(self, max_records: int, timeout_seconds: float) -> list[Fetched | OutOfRange]:
        self._at_seam()
        return self.inner.poll(min(max_records, self.most_records), timeout_seconds)

    def commit(self, offsets: Mapping[TopicPartition, Committed]) -> None:
        self._at_seam()
        self.inner.commit(offsets)

    def commit_now(self, offsets: Mapping[TopicPartition, Committed]) -> bool:
        self._at_seam()
        return self.inner.commit_now(offsets)

    def committed(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, Committed]:
        self._at_seam()
        return self.inner.committed(partitions)

    def start_offset(self, partition: TopicPartition) -> int:
        self._at_seam()
        return self.inner.start_offset(partition)

    def end_offset(self, partition: TopicPartition) -> int:
        self._at_seam()
        return self.inner.end_offset(partition)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._at_seam()
        self.inner.seek(partition, offset)

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        self.inner.pause(partitions)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        self.inner.resume(partitions)

    def topics(self, names: Sequence[str]) -> dict[str, TopicInfo]:
        self._at_seam()
        return self.inner.topics(names)

    def close(self) -> None:
        self._at_seam()
        self.inner.close()


class SeamWriter:
    """A `MemoryWriter` that is hit before every call; a flush may get only part of the way."""

    def __init__(self, inner: MemoryWriter, at_seam: AtSeam) -> None:
        self.inner = inner
        self.n_stuck = 0
        self._at_seam = at_seam
        self._waiting = 0

    def send(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        on_ack: Callable[[Ack], None] | None = None,
    ) -> None:
        self._at_seam()
        self._waiting += 1
        self.inner.send(topic, partition, key, value, headers, on_ack)

    def flush(self, timeout_seconds: float) -> bool:
        self._at_seam()
        if self.n_stuck > 0 and self._waiting:
            self.n_stuck -= 1
            self.deliver(0.5)
            return False
        self._waiting = 0
        return self.inner.flush(timeout_seconds)

    def deliver(self, share: float) -> None:
        """Let a part of what waits go out, oldest first."""
        n = int(share * self._waiting)
        self._waiting -= n
        self.inner.deliver(n)

    def close(self) -> None:
        self.inner.close()


class SeamScanner:
    """A `MemoryScanner` that is hit before every call and may see a compacted state topic."""

    def __init__(self, inner: MemoryScanner, at_seam: AtSeam) -> None:
        self.inner = inner
        self._chance = np.random.default_rng(0)
        self._at_seam = at_seam

    def reseed(self, seed: int) -> None:
        """Decide anew how far compaction has come."""
        self._chance = np.random.default_rng(seed)

    def scan(
        self, partition: TopicPartition, start: int | None = None, stop: int | None = None
    ) -> Iterator[StoredRecord]:
        self._at_seam()
        records = self.inner.scan(partition, start, stop)
        if partition[0] != OWN.state:
            return records
        everything = list(records)
        clean = int(self._chance.integers(0, len(everything) + 1))
        return iter(compacted(everything[:clean]) + everything[clean:])

    def end_offset(self, partition: TopicPartition) -> int:
        self._at_seam()
        return self.inner.end_offset(partition)

    def topics(self, names: Sequence[str]) -> dict[str, TopicInfo]:
        return self.inner.topics(names)

    def close(self) -> None:
        self.inner.close()


class Clients(NamedTuple):
    """A process's ways into the log."""

    reader: SeamReader
    writer: SeamWriter
    scanner: SeamScanner
