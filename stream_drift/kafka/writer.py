"""Appending, idempotently and in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError, KafkaException, Message, Producer

from stream_drift.errors import BrokerError
from stream_drift.kafka.client_config import writer_config
from stream_drift.kafka.faults import Complaints, config_errors, describe, kafka_error
from stream_drift.kafka.guard import Guard, unguarded
from stream_drift.runtime.transport import Ack, Headers

ROOM_TIMEOUT_SECONDS = 0.1
CLOSE_TIMEOUT_SECONDS = 1.0

_GIVEN_UP = frozenset({"_PURGE_QUEUE", "_PURGE_INFLIGHT"})
_MOCK_APPEND_TIME_MS = 1234
"""What librdkafka's mock cluster acknowledges every record with; stored is the create time."""


class KafkaWriter:
    """Keeps the contract of `transport.LogWriter`.

    ``on_ack`` is called from within `send` and `flush`, in order per partition, and must not call
    the writer.

    Parameters
    ----------
    clock_ms
        Create time of the records, for topics without append time.

    Attributes
    ----------
    failed
        Why a record could not be delivered; from then on `send` raises `BrokerError` and `flush`
        is ``False``: a record before others is missing, and only a restart puts that right.
    complaints
        What the client has reported and did not need to be raised.
    """

    def __init__(
        self, kafka: Mapping[str, object], clock_ms: Callable[[], int], guard: Guard = unguarded
    ) -> None:
        self.failed: str | None = None
        self.complaints = Complaints()
        self._clock_ms = clock_ms
        self._guard = guard
        self._closed = False
        with config_errors():
            self._producer = Producer(writer_config(kafka) | {"error_cb": self.complaints.note})

    @property
    def last_error(self) -> str | None:
        """What the client last complained of; for health pages."""
        return self.complaints.last

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
        now_ms = self._clock_ms()
        produce = partial(
            self._producer.produce,
            topic,
            value,
            key,
            partition,
            on_delivery=partial(self._reported, on_ack, now_ms),
            timestamp=now_ms,
            headers=list(headers) or None,
        )
        self._raise_if_failed()
        while not self._queued(produce, topic, partition):
            self._serve(ROOM_TIMEOUT_SECONDS)
            self._raise_if_failed()
        self._serve(0)

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until all queued records are acknowledged; False where some still are not.

        With no time to wait it only collects the answers there are.
        """
        if timeout_seconds <= 0:
            self._serve(0)
        else:
            with self._guard("flush"):
                self._producer.flush(timeout_seconds)
        self.complaints.raise_fatal()
        return self.failed is None and len(self._producer) == 0

    def close(self) -> None:
        """Give up what is not acknowledged and free everything; may be called twice."""
        if self._closed:
            return
        self._closed = True
        with self._guard("close"):
            self._producer.purge()
            self._producer.flush(CLOSE_TIMEOUT_SECONDS)
            self._producer.close()

    def _queued(self, produce: Callable[[], None], topic: str, partition: int) -> bool:
        try:
            produce()
        except BufferError:
            return False
        except KafkaException as exception:
            self._fail(topic, partition, kafka_error(exception))
            self._raise_if_failed()
        return True

    def _serve(self, timeout_seconds: float) -> None:
        with self._guard("send"):
            self._producer.poll(timeout_seconds)

    def _raise_if_failed(self) -> None:
        self.complaints.raise_fatal()
        if self.failed is not None:
            message = f"a record could not be delivered: {self.failed}; start the process again"
            raise BrokerError(message)

    def _reported(
        self,
        on_ack: Callable[[Ack], None] | None,
        created_ms: int,
        error: KafkaError | None,
        message: Message,
    ) -> None:
        if error is None:
            self.complaints.last = None
            if on_ack is not None:
                on_ack(Ack(message.offset() or 0, _append_time_ms(message, created_ms)))
        elif error.name() not in _GIVEN_UP:
            self._fail(message.topic(), message.partition(), error)

    def _fail(self, topic: str | None, partition: int | None, error: KafkaError) -> None:
        if self.failed is None:
            self.failed = f"{topic}[{partition}]: {describe(error)}"


def _append_time_ms(message: Message, created_ms: int) -> int:
    kind, timestamp_ms = message.timestamp()
    is_told = kind == TIMESTAMP_LOG_APPEND_TIME and timestamp_ms != _MOCK_APPEND_TIME_MS
    return timestamp_ms if is_told else created_ms
