"""Every test here runs against each log that claims to keep the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from stream_drift.kafka.writer import KafkaWriter
from stream_drift.runtime.clock import now_ms
from tests.contracts.worlds import KafkaWorld, MemoryWorld, World
from tests.support.broker import KafkaBroker
from tests.support.kafka_log import client_settings


@pytest.fixture(scope="session")
def busy_writer(broker: KafkaBroker) -> Iterator[KafkaWriter]:
    """One for all tests: a writer takes a while until it may send its first record."""
    with closing(KafkaWriter(client_settings(broker.bootstrap), now_ms)) as writer:
        yield writer


@pytest.fixture(params=["memory", "kafka-classic", "kafka-consumer"])
def world(request: pytest.FixtureRequest, topic_prefix: str) -> Iterator[World]:
    """A log with nothing in it."""
    if request.param == "memory":
        with closing(MemoryWorld()) as memory:
            yield memory
        return
    broker: KafkaBroker = request.getfixturevalue("broker")
    writer: KafkaWriter = request.getfixturevalue("busy_writer")
    protocol = request.param.removeprefix("kafka-")
    with closing(KafkaWorld(broker, topic_prefix, protocol, writer)) as kafka:
        yield kafka


@pytest.fixture
def topic(topic_prefix: str) -> str:
    """The name of a topic that does not exist yet."""
    return topic_prefix
