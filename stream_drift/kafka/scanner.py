"""Reading stretches of partitions without a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

from confluent_kafka import Consumer, Message, TopicPartition

from stream_drift.errors import BrokerError
from stream_drift.kafka.admin import KafkaAdmin
from stream_drift.kafka.batches import headers_of
from stream_drift.kafka.client_config import scanner_config
from stream_drift.kafka.faults import Complaints, broker_error, broker_errors, config_errors
from stream_drift.kafka.guard import Guard, unguarded
from stream_drift.kafka.offsets import offset_bounds
from stream_drift.runtime import transport
from stream_drift.runtime.transport import StoredRecord, TopicInfo

POLL_RECORDS = 1000
POLL_SECONDS = 0.1
SILENT_POLLS = 300
"""After so many polls without anything a stretch that is not at its end counts as stuck."""


class KafkaScanner:
    """Keeps the contract of `transport.LogScanner`.

    Parameters
    ----------
    group
        A name that access rules allow; nothing is ever committed under it.
    admin
        Asked for topic ids; stays the caller's to close.

    Attributes
    ----------
    complaints
        What the clients have reported and did not need to be raised.
    """

    def __init__(
        self, kafka: Mapping[str, object], group: str, admin: KafkaAdmin, guard: Guard = unguarded
    ) -> None:
        self.complaints = Complaints()
        self._config = scanner_config(kafka, group) | {"error_cb": self.complaints.note}
        self._admin = admin
        self._guard = guard
        self._closed = False
        self._asking = self._consumer()

    def scan(
        self,
        partition: transport.TopicPartition,
        start: int | None = None,
        stop: int | None = None,
    ) -> Iterator[StoredRecord]:
        """Records from ``start`` (default: the oldest) up to ``stop`` (default: the end now).

        What is no longer there, or not yet, is left out. Raises `BrokerError` where nothing comes
        for half a minute.
        """
        oldest, end = self._bounds(partition)
        first = oldest if start is None else max(start, oldest)
        last = end if stop is None else min(stop, end)
        if first < last:
            with closing(self._consumer()) as consumer:
                consumer.assign([TopicPartition(*partition, first)])
                yield from self._read(consumer, last)

    def end_offset(self, partition: transport.TopicPartition) -> int:
        """One past the last committed record, asked now."""
        return self._bounds(partition)[1]

    def topics(self, names: Sequence[str]) -> dict[str, TopicInfo]:
        """Identity and size of those of the topics that exist, asked now."""
        return self._admin.topics(names)

    def close(self) -> None:
        """Free everything; may be called twice."""
        if not self._closed:
            self._closed = True
            self._asking.close()

    def _consumer(self) -> Consumer:
        with config_errors():
            return Consumer(self._config)

    def _bounds(self, partition: transport.TopicPartition) -> tuple[int, int]:
        return offset_bounds(self._asking, partition, self._guard)

    def _read(self, consumer: Consumer, last: int) -> Iterator[StoredRecord]:
        position, n_silent = 0, 0
        while position < last:
            with self._guard("scan"), broker_errors("scan"):
                messages = consumer.consume(POLL_RECORDS, POLL_SECONDS)
            self._raise_if_stuck(n_silent := 0 if messages else n_silent + 1)
            for message in messages:
                position = max(position, self._position_after(message))
                if message.error() is None and position <= last:
                    yield _stored(message)

    def _position_after(self, message: Message) -> int:
        """Where reading stands; errors that may pass leave it where it was."""
        error, offset = message.error(), message.offset() or 0
        if error is None:
            return offset + 1
        if error.name() == "_PARTITION_EOF":
            return offset
        if error.name() == "_AUTO_OFFSET_RESET":
            doing = f"scan of {message.topic()}[{message.partition()}]"
            raise broker_error(doing, error)
        self.complaints.note(error)
        return 0

    def _raise_if_stuck(self, n_silent: int) -> None:
        self.complaints.raise_fatal()
        if n_silent > SILENT_POLLS:
            message = f"scan: no answer from the brokers ({self.complaints.last})"
            raise BrokerError(message)


def _stored(message: Message) -> StoredRecord:
    return StoredRecord(
        message.offset() or 0,
        message.timestamp()[1],
        message.key(),
        message.value(),
        headers_of(message),
    )
