"""Writes records of the past: with the timestamps that they had then."""

from __future__ import annotations

from collections.abc import Mapping

from confluent_kafka import Producer

FLUSH_SECONDS = 10.0


class HistoryProducer:
    """A producer for demonstrations and benchmarks; records go to partitions in turn."""

    def __init__(self, kafka: Mapping[str, object], n_partitions: int) -> None:
        self._producer = Producer({**kafka, "linger.ms": 20, "log_level": 0})
        self._n_partitions = n_partitions
        self._n = 0

    def send(self, topic: str, value: bytes, time_ms: int) -> None:
        """Queue one record; where the queue is full, wait for room."""
        partition = self._n % self._n_partitions
        self._n += 1
        while True:
            try:
                self._producer.produce(topic, value, partition=partition, timestamp=time_ms)
            except BufferError:
                self._producer.poll(0.1)
            else:
                break
        self._producer.poll(0)

    def flush(self) -> bool:
        """Wait until the log has everything; False where it does not."""
        return self._producer.flush(FLUSH_SECONDS) == 0
