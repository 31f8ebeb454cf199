"""A broker in this process, for the demo and for tests: librdkafka's mock cluster."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from confluent_kafka import Producer

START_TIMEOUT_SECONDS = 10.0


class EmbeddedBroker:
    """Answers on a free loopback port while it is open; plaintext, for this machine only.

    It keeps 5 MB per partition, gives every topic 4 partitions on first use, knows neither topic
    ids nor settings nor access rules, and ignores transactions.

    Attributes
    ----------
    bootstrap
        Its address, for ``bootstrap.servers``.
    """

    def __init__(self) -> None:
        self._holder = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        brokers = self._holder.list_topics(timeout=START_TIMEOUT_SECONDS).brokers.values()
        self.bootstrap = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it; clients that still run lose their connection."""
        self._holder.close()
