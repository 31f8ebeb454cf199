"""The topics of the in-memory log."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stream_drift.errors import BrokerError
from stream_drift.runtime.memory.partition import MemoryPartition
from stream_drift.runtime.transport import Ack, Headers, TopicInfo, TopicPartition


@dataclass(frozen=True, slots=True)
class _Topic:
    topic_id: str
    append_time: bool
    partitions: list[MemoryPartition]


class MemoryTopics:
    """Topics by name; a name that is used again gets another id.

    Parameters
    ----------
    clock_ms
        The broker's clock: stamps the records of topics with append time.
    """

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._topics: dict[str, _Topic] = {}
        self._numbers = itertools.count(1)

    def create(self, name: str, n_partitions: int, *, append_time: bool) -> None:
        """A new, empty topic, in place of one of that name."""
        partitions = [MemoryPartition() for _ in range(n_partitions)]
        self._topics[name] = _Topic(f"{name}#{next(self._numbers)}", append_time, partitions)

    def has_append_time(self, name: str) -> bool:
        """Whether records carry the broker's time rather than their writers'."""
        return self._topics[name].append_time

    def widen(self, name: str, n_partitions: int) -> None:
        """Let the topic have ``n_partitions`` in all."""
        partitions = self._topics[name].partitions
        partitions += [MemoryPartition() for _ in range(n_partitions - len(partitions))]

    def delete(self, name: str) -> None:
        """Forget the topic with all its records."""
        del self._topics[name]

    def infos(self, names: Sequence[str]) -> dict[str, TopicInfo]:
        """Identity and size of those of the topics that exist."""
        return {
            name: TopicInfo(topic.topic_id, len(topic.partitions))
            for name in names
            if (topic := self._topics.get(name)) is not None
        }

    def ids(self) -> dict[TopicPartition, str]:
        """Every partition there is, with the id of its topic."""
        return {
            (name, number): topic.topic_id
            for name, topic in self._topics.items()
            for number in range(len(topic.partitions))
        }

    def find(self, partition: TopicPartition) -> MemoryPartition | None:
        """The partition, if there is one."""
        name, number = partition
        topic = self._topics.get(name)
        if topic is None or number >= len(topic.partitions):
            return None
        return topic.partitions[number]

    def at(self, partition: TopicPartition) -> MemoryPartition:
        """The partition, which must exist."""
        found = self.find(partition)
        if found is None:
            message = f"{partition[0]}[{partition[1]}]: unknown topic or partition"
            raise BrokerError(message)
        return found

    def append(
        self,
        partition: TopicPartition,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        create_time_ms: int,
    ) -> Ack:
        """Add one record; ``create_time_ms`` is kept where the topic has no append time."""
        log = self.at(partition)
        timestamp_ms = self._clock_ms() if self.has_append_time(partition[0]) else create_time_ms
        return Ack(log.append(timestamp_ms, key, value, headers), timestamp_ms)

    def extend(
        self,
        partition: TopicPartition,
        values: Sequence[bytes | None],
        create_times_ms: Sequence[int],
    ) -> None:
        """Add many records without keys."""
        log = self.at(partition)
        now = [self._clock_ms()] * len(values)
        log.extend(now if self.has_append_time(partition[0]) else create_times_ms, values)
