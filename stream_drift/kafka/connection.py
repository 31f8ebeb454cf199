"""One place that knows how to make all clients of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stream_drift.kafka.admin import KafkaAdmin
from stream_drift.kafka.client_config import refuse_conflicts
from stream_drift.kafka.guard import Guard, unguarded
from stream_drift.kafka.reader import KafkaReader
from stream_drift.kafka.scanner import KafkaScanner
from stream_drift.kafka.writer import KafkaWriter


class KafkaLog:
    """A cluster as `runtime.memory.log.MemoryLog` is one: it hands out clients.

    Parameters
    ----------
    kafka
        The user's client settings.
    name
        Prefix of our topics and groups.
    clock_ms
        Create time of the records that writers send.
    guard
        Told of every call that may block.

    Attributes
    ----------
    admin
        Shared by all clients; closed with this object.

    Raises
    ------
    ConfigError
        Where a client cannot be had with these settings.
    """

    def __init__(
        self,
        kafka: Mapping[str, object],
        name: str,
        clock_ms: Callable[[], int],
        guard: Guard = unguarded,
    ) -> None:
        refuse_conflicts(kafka)
        self.admin = KafkaAdmin(kafka, guard)
        self._kafka = kafka
        self._name = name
        self._clock_ms = clock_ms
        self._guard = guard

    def reader(
        self, group: str, *, with_keys: bool = False, with_headers: bool = False
    ) -> KafkaReader:
        """A client that may become a member of the group."""
        return KafkaReader(
            self._kafka,
            group,
            self.admin,
            self._guard,
            with_keys=with_keys,
            with_headers=with_headers,
        )

    def writer(self) -> KafkaWriter:
        """A client that appends."""
        return KafkaWriter(self._kafka, self._clock_ms, self._guard)

    def scanner(self) -> KafkaScanner:
        """A client that reads stretches."""
        return KafkaScanner(self._kafka, f"{self._name}.scan", self.admin, self._guard)

    def close(self) -> None:
        """Free what is shared; may be called twice."""
        self.admin.close()
