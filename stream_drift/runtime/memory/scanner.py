"""Reads stretches of the in-memory log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stream_drift.runtime.memory.topics import MemoryTopics
from stream_drift.runtime.transport import StoredRecord, TopicInfo, TopicPartition


class MemoryScanner:
    """Keeps the contract of `transport.LogScanner`; made by `MemoryLog.scanner`."""

    def __init__(self, topics: MemoryTopics) -> None:
        self._topics = topics

    def scan(
        self, partition: TopicPartition, start: int | None = None, stop: int | None = None
    ) -> Iterator[StoredRecord]:
        """Records from ``start`` (default: the oldest) up to ``stop`` (default: the end now)."""
        log = self._topics.at(partition)
        first = log.start_offset if start is None else start
        return log.records(first, log.end_offset if stop is None else stop)

    def end_offset(self, partition: TopicPartition) -> int:
        """One past the last record."""
        return self._topics.at(partition).end_offset

    def topics(self, names: Sequence[str]) -> dict[str, TopicInfo]:
        """Identity and size of those of the topics that exist."""
        return self._topics.infos(names)

    def close(self) -> None:
        """Nothing to free."""
