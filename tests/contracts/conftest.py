"""Every test here runs against each log that claims to keep the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.contracts.worlds import KafkaWorld, MemoryWorld, World
from tests.support.broker import KafkaBroker


@pytest.fixture(params=["memory", "kafka-classic", "kafka-consumer"])
def world(request: pytest.FixtureRequest, topic_prefix: str) -> Iterator[World]:
    """A log with nothing in it."""
    if request.param == "memory":
        with closing(MemoryWorld()) as memory:
            yield memory
        return
    broker: KafkaBroker = request.getfixturevalue("broker")
    protocol = request.param.removeprefix("kafka-")
    with closing(KafkaWorld(broker, topic_prefix, protocol)) as kafka:
        yield kafka


@pytest.fixture
def topic(topic_prefix: str) -> str:
    """The name of a topic that does not exist yet."""
    return topic_prefix
