"""A writer to the in-memory log."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from stream_drift.errors import BrokerError
from stream_drift.runtime.memory.topics import MemoryTopics
from stream_drift.runtime.transport import Ack, Headers, TopicPartition


@dataclass(frozen=True, slots=True)
class _Queued:
    partition: TopicPartition
    key: bytes | None
    value: bytes | None
    headers: Headers
    create_time_ms: int
    on_ack: Callable[[Ack], None] | None


class MemoryWriter:
    """Keeps the contract of `transport.LogWriter`; made by `MemoryLog.writer`.

    Records wait here until `flush` (or `deliver`): a process that is frozen in between sends
    them when it wakes, and one that dies loses them.

    Attributes
    ----------
    failed
        Why a record could not be delivered; the writer is of no use from then on.
    """

    def __init__(self, topics: MemoryTopics, clock_ms: Callable[[], int]) -> None:
        self.failed: str | None = None
        self._topics = topics
        self._clock_ms = clock_ms
        self._queue: deque[_Queued] = deque()

    def send(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        on_ack: Callable[[Ack], None] | None = None,
    ) -> None:
        """Queue one record."""
        if self.failed is not None:
            raise BrokerError(self.failed)
        queued = _Queued((topic, partition), key, value, headers, self._clock_ms(), on_ack)
        self._queue.append(queued)

    def flush(self, timeout_seconds: float) -> bool:
        """Deliver all that is queued; False where some could not be."""
        del timeout_seconds
        self.deliver(len(self._queue))
        return self.failed is None

    def deliver(self, n_records: int) -> None:
        """Let the oldest ``n_records`` of the queue go out, as if the network had got so far."""
        for _ in range(n_records):
            self._deliver(self._queue.popleft())

    def close(self) -> None:
        """Give up what is queued; may be called twice."""
        self._queue.clear()

    def _deliver(self, queued: _Queued) -> None:
        try:
            ack = self._topics.append(
                queued.partition, queued.key, queued.value, queued.headers, queued.create_time_ms
            )
        except BrokerError as error:
            self.failed = self.failed or str(error)
            return
        if queued.on_ack is not None:
            queued.on_ack(ack)
