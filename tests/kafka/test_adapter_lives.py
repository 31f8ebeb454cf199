"""Records that a client leaves out around a rebalance or an error are fetched again."""

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
        self.settings = settings
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

    def made(settings: Mapping[str, Any]) -> Client:
        client.settings = settings
        return client

    monkeypatch.setattr(reader, "Consumer", made)
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


def taken(client: Client, reading: KafkaReader, topic: str) -> None:
    """The partition is owned, and its first records have come."""
    client.assigns = [TopicPartition(topic, 0)]
    client.messages = [record(topic, 5)]
    reading.poll(10, 0)
    client.messages = [record(topic, 6)]
    reading.poll(10, 0)
    assert client.sought == []


@pytest.mark.parametrize(
    "stale",
    [
        [end("a", 9)],
        [record("a", 8)],
        [record("a", 5), record("a", 8)],
        [record("a", 5), end("a", 9)],
    ],
    ids=["an end", "a record", "a hole", "a hole before the end"],
)
def test_what_leaves_records_out_after_an_assignment_is_fetched_again(
    client: Client, reading: KafkaReader, stale: list[Message]
) -> None:
    client.assigns = [TopicPartition("a", 0)]
    client.messages = stale
    assert offsets(reading.poll(10, 0)) == {}
    assert client.sought == [("a", 5)]
    client.messages = [record("a", 5), record("a", 6)]
    assert offsets(reading.poll(10, 0)) == {A: ([5, 6], 7)}


def test_a_hole_that_is_there_again_is_believed(client: Client, reading: KafkaReader) -> None:
    client.assigns = [TopicPartition("a", 0)]
    client.messages = [record("a", 7), end("a", 9)]
    assert offsets(reading.poll(10, 0)) == {}
    client.messages = [record("a", 7), end("a", 9)]
    assert offsets(reading.poll(10, 0)) == {A: ([7], 9)}
    client.messages = [record("a", 12)]
    assert offsets(reading.poll(10, 0)) == {A: ([12], 13)}
    assert client.sought == [("a", 5)]


def test_whole_ground_of_the_same_call_is_taken(client: Client, reading: KafkaReader) -> None:
    client.assigns = [TopicPartition("a", 0)]
    client.messages = [record("a", 5), record("a", 6), end("a", 7)]
    assert offsets(reading.poll(10, 0)) == {A: ([5, 6], 7)}
    assert client.sought == []


def test_a_rebalance_or_an_error_puts_all_partitions_in_doubt(
    client: Client, reading: KafkaReader
) -> None:
    taken(client, reading, "b")
    client.assigns = [TopicPartition("a", 0)]
    client.messages = [record("b", 9), record("a", 5)]
    assert offsets(reading.poll(10, 0)) == {A: ([5], 6)}
    assert client.sought == [("b", 7)]
    client.messages = [record("b", 7), record("a", 6)]
    assert offsets(reading.poll(10, 0)) == {A: ([6], 7), B: ([7], 8)}
    client.settings["error_cb"](KafkaError(KafkaError._TRANSPORT))  # noqa: SLF001
    client.messages = [record("b", 10)]
    assert offsets(reading.poll(10, 0)) == {}
    assert client.sought == [("b", 7), ("b", 8)]
