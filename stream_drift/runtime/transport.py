"""What the loops need of a log: the contract that Kafka and the in-memory log both keep.

One thread owns a `LogReader` or a `LogWriter`; listeners are called from within `poll`.
A topic partition is the pair ``(topic, number)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from stream_drift.events import record
from stream_drift.events.record import RecordBatch

TopicPartition = tuple[str, int]
Headers = record.Headers


@dataclass(frozen=True, slots=True)
class TopicInfo:
    """A topic as the broker knows it; without broker ids ``topic_id`` is a hash of the name."""

    topic_id: str
    n_partitions: int


@dataclass(frozen=True, slots=True)
class Committed:
    """What a group has stored for a partition: the next offset, and a text of ours."""

    offset: int
    metadata: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """New ground of one partition; ``batch`` may hold no records and only move the position."""

    partition: TopicPartition
    batch: RecordBatch


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """The position of this partition no longer exists in the log; nothing comes before a seek."""

    partition: TopicPartition


@dataclass(frozen=True, slots=True)
class Ack:
    """The log has the record: where, and the time it was appended there."""

    offset: int
    append_time_ms: int


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record read back from one of our own topics."""

    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Listener(Protocol):
    """Told by a `LogReader`, from within its `poll` or `close`, what it owns."""

    def assigned(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Newly owned partitions; returns the offset to start at, for every one of them."""

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """About to be given away; commits made here still count."""

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Already owned by others; nothing may be committed for them."""


class LogReader(Protocol):
    """A member of a consumer group that reads committed records only."""

    def subscribe(self, topics: Sequence[str], listener: Listener) -> None:
        """Join the group; partitions arrive through the listener."""

    def poll(self, max_records: int, timeout_seconds: float) -> list[Fetched | OutOfRange]:
        """Records of owned partitions, at most one `Fetched` per partition, in offset order.

        Returns early with what there is. Raises `BrokerError` only for what cannot heal.
        """

    def commit(self, offsets: Mapping[TopicPartition, Committed]) -> None:
        """Store positions of owned partitions; does not wait, a failure is retried by the next."""

    def commit_now(self, offsets: Mapping[TopicPartition, Committed]) -> bool:
        """As `commit`, but wait for the answer; False where it was refused."""

    def committed(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, Committed]:
        """What the group has stored; partitions without an entry are left out."""

    def start_offset(self, partition: TopicPartition) -> int:
        """The oldest offset that the log still holds, asked now."""

    def end_offset(self, partition: TopicPartition) -> int:
        """One past the last committed record, asked now (read_committed)."""

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Continue an owned partition at ``offset``."""

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch nothing more of these owned partitions until `resume`."""

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Undo `pause`."""

    def topics(self, names: Sequence[str]) -> dict[str, TopicInfo]:
        """Identity and size of those of the topics that exist, asked now."""

    def close(self) -> None:
        """Leave the group (calls ``revoked``) and free everything; may be called twice."""


class LogWriter(Protocol):
    """Appends to topics; keeps the order of records per partition."""

    def send(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        on_ack: Callable[[Ack], None] | None = None,
    ) -> None:
        """Queue one record; where the queue is full, wait for room."""

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until all queued records are acknowledged; False where some still are not."""

    def close(self) -> None:
        """Give up what is not acknowledged and free everything; may be called twice."""


class LogScanner(Protocol):
    """Reads stretches of a partition without a group."""

    def scan(
        self, partition: TopicPartition, start: int | None = None, stop: int | None = None
    ) -> Iterator[StoredRecord]:
        """Records from ``start`` (default: the oldest) up to ``stop`` (default: the end now)."""

    def end_offset(self, partition: TopicPartition) -> int:
        """One past the last committed record, asked now."""

    def topics(self, names: Sequence[str]) -> dict[str, TopicInfo]:
        """Identity and size of those of the topics that exist, asked now."""

    def close(self) -> None:
        """Free everything; may be called twice."""
