"""A log in memory that keeps the contract of `transport`: for simulation, tests and speed.

It is deterministic: no threads, no chance, no clock but the one it is given, and no waiting.
Time-outs are ignored: what is not there now will not come while nobody else acts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from stream_drift.runtime.memory.group import MemoryGroup
from stream_drift.runtime.memory.reader import MemoryReader
from stream_drift.runtime.memory.scanner import MemoryScanner
from stream_drift.runtime.memory.topics import MemoryTopics
from stream_drift.runtime.memory.writer import MemoryWriter
from stream_drift.runtime.transport import Ack, Headers, TopicPartition


class MemoryLog:
    """Topics, consumer groups and the clients of both, in one process.

    Parameters
    ----------
    clock_ms
        The broker's clock.
    """

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._topics = MemoryTopics(clock_ms)
        self._groups: dict[str, MemoryGroup] = {}
        self._members = itertools.count(1)

    # Clients ------------------------------------------------------------------------------------

    def reader(
        self, group: str, *, with_keys: bool = False, with_headers: bool = False
    ) -> MemoryReader:
        """A client that may become a member of the group."""
        shared = self._groups.setdefault(group, MemoryGroup())
        return MemoryReader(
            self._topics,
            shared,
            next(self._members),
            with_keys=with_keys,
            with_headers=with_headers,
        )

    def writer(self, clock_ms: Callable[[], int] | None = None) -> MemoryWriter:
        """A client that appends; ``clock_ms`` is its own clock, else the broker's."""
        return MemoryWriter(self._topics, clock_ms or self._clock_ms)

    def scanner(self) -> MemoryScanner:
        """A client that reads stretches."""
        return MemoryScanner(self._topics)

    # Topics -------------------------------------------------------------------------------------

    def create_topic(self, name: str, n_partitions: int, *, append_time: bool = True) -> None:
        """A new, empty topic with an id that none had before.

        With ``append_time`` its records carry the broker's time, else their writers'.
        """
        self._topics.create(name, n_partitions, append_time=append_time)
        self._rebalance()

    def add_partitions(self, name: str, n_partitions: int) -> None:
        """Let the topic have ``n_partitions`` in all."""
        self._topics.widen(name, n_partitions)
        self._rebalance()

    def delete_topic(self, name: str) -> None:
        """Its records and what groups committed are gone; owners learn it when they poll."""
        self._topics.delete(name)
        self._forget_offsets(name)
        self._rebalance()

    def replace_topic_unnoticed(self, name: str, n_partitions: int) -> None:
        """Delete and re-create a topic while its readers read on as if nothing had happened.

        As under KIP-848: for some seconds, records of the new log arrive at the offsets of the
        old one. The groups notice at the next change of any topic or membership.
        """
        self._topics.create(name, n_partitions, append_time=self._topics.has_append_time(name))
        self._forget_offsets(name)

    # Records ------------------------------------------------------------------------------------

    def append(
        self,
        partition: TopicPartition,
        value: bytes | None,
        *,
        key: bytes | None = None,
        headers: Headers = (),
        create_time_ms: int | None = None,
    ) -> Ack:
        """Add one record; ``create_time_ms`` (else now) is kept where there is no append time."""
        created_ms = self._clock_ms() if create_time_ms is None else create_time_ms
        return self._topics.append(partition, key, value, headers, created_ms)

    def extend(
        self,
        partition: TopicPartition,
        values: Sequence[bytes | None],
        create_times_ms: Sequence[int],
    ) -> None:
        """Add many records without keys, quickly."""
        self._topics.extend(partition, values, create_times_ms)

    def skip(self, partition: TopicPartition, n_offsets: int = 1) -> None:
        """Let the next offsets hold nothing, as control records do."""
        self._topics.at(partition).skip(n_offsets)

    def trim(self, partition: TopicPartition, start_offset: int) -> None:
        """Forget what is older than ``start_offset``, as retention does."""
        self._topics.at(partition).trim(start_offset)

    def _forget_offsets(self, topic: str) -> None:
        for group in self._groups.values():
            group.forget(topic)

    def _rebalance(self) -> None:
        for group in self._groups.values():
            group.rebalance(self._topics.ids())
