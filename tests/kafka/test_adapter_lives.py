"""What a client hands over of a partition's earlier life is not taken for its present one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from confluent_kafka import KafkaError, Message, TopicPartition

from stream_drift.kafka import reader
from stream_drift.kafka.reader import KafkaReader
from stream_drift.runtime import transport
from stream_drift.runtime.transport import Fetched

A, B = ("a", 0), ("b", 0)
Callback = Callable[[Any, list[TopicPartition]], None]


class Client:
    """Hands over what it is given, within a call in which it also assigns partitions."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        del settings
        self.assigns: list[TopicPartition] = []
        self.messages: list[Message] = []
        self.sought: list[tuple[str, int]] = []

    def subscribe(self, topics: list[str], *callbacks: Callback) -> None:
        del topics
        self.on_assign, self.on_revoke, _ = callbacks

    def consume(self, n: int, timeout_seconds: float) -> list[Message]:
        del n, timeout_seconds
        if self.assigns:
            assigns, self.assigns = self.assigns, []
            self.on_assign(self, assigns)
        messages, self.messages = self.messages, []
        return messages

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        pass

    def seek(self, place: TopicPartition) -> None:
        self.sought.append((place.topic, place.offset))


class StartsAt:
    """A listener whose open blocks began there."""

    def __init__(self, offset: int) -> None:
        self.offset = offset

    def assigned(
        self, partitions: Sequence[transport.TopicPartition]
    ) -> Mapping[transport.TopicPartition, int]:
        return dict.fromkeys(partitions, self.offset)

    def revoked(self, partitions: Sequence[transport.TopicPartition]) -> None:
        pass

    def lost(self, partitions: Sequence[transport.TopicPartition]) -> None:
        pass


def record(topic: str, offset: int) -> Message:
    return Message(topic, 0, offset, None, b"{}", timestamp=(1, 1000))


def end(topic: str, offset: int) -> Message:
    return Message(topic, 0, offset, error=KafkaError(KafkaError._PARTITION_EOF))  # noqa: SLF001


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    client = Client({})
    monkeypatch.setattr(reader, "Consumer", lambda settings: client)
    return client


@pytest.fixture
def reading(client: Client) -> KafkaReader:
    del client
    found = KafkaReader({"bootstrap.servers": "127.0.0.1:1"}, "g", admin=None)  # type: ignore[arg-type]
    found.subscribe(["a", "b"], StartsAt(5))
    return found


def offsets(found: Sequence[object]) -> dict[transport.TopicPartition, tuple[list[int], int]]:
    return {
        each.partition: (each.batch.offsets.tolist(), each.batch.next_offset)
        for each in found
        if isinstance(each, Fetched)
    }


@pytest.mark.parametrize("stale", [end("a", 9), record("a", 8)], ids=["an end", "a record"])
def test_what_came_while_a_partition_was_assigned_is_fetched_again(
    client: Client, reading: KafkaReader, stale: Message
) -> None:
    client.assigns = [TopicPartition("a", 0)]
    client.messages = [stale]
    assert offsets(reading.poll(10, 0)) == {}
    assert client.sought == [("a", 5)]
    client.messages = [record("a", 5), record("a", 6)]
    assert offsets(reading.poll(10, 0)) == {A: ([5, 6], 7)}


def test_other_partitions_go_on_meanwhile(client: Client, reading: KafkaReader) -> None:
    client.assigns = [TopicPartition("b", 0)]
    reading.poll(10, 0)
    client.assigns = [TopicPartition("a", 0)]
    client.messages = [record("b", 5), end("a", 9), end("b", 6)]
    assert offsets(reading.poll(10, 0)) == {B: ([5], 6)}
    assert client.sought == [("a", 5)]
