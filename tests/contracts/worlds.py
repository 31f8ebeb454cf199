"""The logs that keep the contract, each with the means to bring about what a broker can do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import Protocol

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # re-exported without saying so
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from stream_drift.kafka.connection import KafkaLog
from stream_drift.runtime import transport
from stream_drift.runtime.clock import now_ms
from stream_drift.runtime.memory.log import MemoryLog
from stream_drift.runtime.memory.reader import MemoryReader
from stream_drift.runtime.transport import Ack, LogReader, LogScanner, LogWriter
from tests.contracts.member import Member
from tests.support.broker import KafkaBroker
from tests.support.kafka_log import ClientSettings, client_settings

PATIENCE_SECONDS = 30
GIVEN_UP_AFTER_SECONDS = 1.5
HOLE = 2
"""Offsets that `World.make_hole` takes: a record that no reader sees, and what hides it."""


class World(Protocol):
    """A log, its clients (closed at the end of the test) and what may happen to it."""

    busy_writer: LogWriter
    """For records whose writing is not what the test is about."""

    def create_topic(self, name: str, n_partitions: int, *, append_time: bool = False) -> None: ...
    def add_partitions(self, name: str, n_partitions: int) -> None: ...
    def delete_topic(self, name: str) -> None: ...
    def trim(self, partition: transport.TopicPartition, start_offset: int) -> None: ...
    def make_hole(self, partition: transport.TopicPartition) -> None: ...
    def now_ms(self) -> int: ...
    def reader(
        self, group: str, *, with_keys: bool = False, with_headers: bool = False
    ) -> LogReader: ...
    def writer(self) -> LogWriter: ...
    def scanner(self) -> LogScanner: ...
    def give_up(self, member: Member) -> None:
        """Let the group lose patience with a member that does not poll."""

    def until(self, condition: Callable[[], bool], *members: Member) -> None:
        """Let the members poll until it is so."""

    def a_while(self, *members: Member) -> None:
        """Let the members poll for as long as anything would take to arrive."""


def join(
    world: World,
    group: str,
    topics: Sequence[str],
    starts: Mapping[transport.TopicPartition, int] | None = None,
    *,
    with_keys: bool = False,
    with_headers: bool = False,
) -> Member:
    """A new member, not yet assigned anything."""
    member = Member(
        world.reader(group, with_keys=with_keys, with_headers=with_headers), starts or {}
    )
    member.reader.subscribe(topics, member)
    return member


def write(
    world: World,
    partition: transport.TopicPartition,
    values: Sequence[bytes | None],
    writer: LogWriter | None = None,
    headers: transport.Headers = (),
) -> list[Ack]:
    """Append records (value and key the same) and wait for their acks."""
    acks: list[Ack] = []
    writer = writer or world.busy_writer
    for value in values:
        writer.send(*partition, key=value, value=value, headers=headers, on_ack=acks.append)
    assert writer.flush(PATIENCE_SECONDS)
    return acks


class MemoryWorld:
    def __init__(self) -> None:
        self._now_ms = 1_700_000_000_000
        self._log = MemoryLog(self.now_ms)
        self.create_topic = self._log.create_topic
        self.add_partitions = self._log.add_partitions
        self.delete_topic = self._log.delete_topic
        self.trim = self._log.trim
        self.reader = self._log.reader
        self.writer = self._log.writer
        self.scanner = self._log.scanner
        self.busy_writer: LogWriter = self.writer()

    def now_ms(self) -> int:
        self._now_ms += 1
        return self._now_ms

    def make_hole(self, partition: transport.TopicPartition) -> None:
        self._log.skip(partition, HOLE)

    def give_up(self, member: Member) -> None:
        assert isinstance(member.reader, MemoryReader)
        member.reader.fence()

    def until(self, condition: Callable[[], bool], *members: Member) -> None:
        for _ in range(10):
            if condition():
                return
            self.a_while(*members)
        assert condition(), [member.happened for member in members]

    def a_while(self, *members: Member) -> None:
        for member in members:
            member.poll()

    def close(self) -> None:
        pass


class KafkaWorld:
    def __init__(
        self, broker: KafkaBroker, name: str, protocol: str, busy_writer: LogWriter
    ) -> None:
        self._broker = broker
        self._name = name
        self._open = ExitStack()
        self._is_consumer_protocol = protocol == "consumer"
        self._admin = AdminClient(client_settings(broker.bootstrap))
        settings = {**client_settings(broker.bootstrap), **_QUICK, **_PROTOCOLS[protocol]}
        self._log = self._open.enter_context(closing(KafkaLog(settings, name, now_ms)))
        self.busy_writer = busy_writer
        self.now_ms = now_ms
        self.add_partitions = broker.add_partitions
        self.delete_topic = broker.delete_topic

    def create_topic(self, name: str, n_partitions: int, *, append_time: bool = False) -> None:
        kind = "LogAppendTime" if append_time else "CreateTime"
        self._broker.create_topic(name, n_partitions, message_timestamp_type=kind)

    def reader(
        self, group: str, *, with_keys: bool = False, with_headers: bool = False
    ) -> LogReader:
        if self._is_consumer_protocol:
            self._hasten(group)
        reader = self._log.reader(group, with_keys=with_keys, with_headers=with_headers)
        return self._open.enter_context(closing(reader))

    def writer(self) -> LogWriter:
        return self._open.enter_context(closing(self._log.writer()))

    def scanner(self) -> LogScanner:
        return self._open.enter_context(closing(self._log.scanner()))

    def trim(self, partition: transport.TopicPartition, start_offset: int) -> None:
        wanted = TopicPartition(*partition, start_offset)
        self._admin.delete_records([wanted])[wanted].result()

    def make_hole(self, partition: transport.TopicPartition) -> None:
        topic, number = partition
        scanner = self.scanner()
        end = scanner.end_offset(partition)
        config = client_settings(self._broker.bootstrap) | {"transactional.id": self._name}
        with Producer(config) as producer:
            producer.init_transactions(PATIENCE_SECONDS)
            producer.begin_transaction()
            producer.produce(topic, b"never happened", partition=number)
            producer.flush(PATIENCE_SECONDS)
            producer.abort_transaction(PATIENCE_SECONDS)
        self.until(lambda: scanner.end_offset(partition) == end + HOLE)

    def give_up(self, member: Member) -> None:
        del member
        time.sleep(GIVEN_UP_AFTER_SECONDS)

    def until(self, condition: Callable[[], bool], *members: Member) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, [member.happened for member in members]
            for member in members:
                member.poll()

    def a_while(self, *members: Member) -> None:
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            for member in members:
                member.poll()

    def close(self) -> None:
        self._open.close()

    def _hasten(self, group: str) -> None:
        """Where the broker sets the pace of a group, tell it."""
        entries = [
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
            for key, value in _GROUP.items()
        ]
        wanted = ConfigResource(ResourceType.GROUP, group, incremental_configs=entries)
        self._admin.incremental_alter_configs([wanted])[wanted].result()


_QUICK: ClientSettings = {
    "fetch.min.bytes": 1,
    "fetch.wait.max.ms": 20,
    "topic.metadata.refresh.interval.ms": 300,
    "topic.metadata.propagation.max.ms": 300,
    "max.poll.interval.ms": 1000,
}
_GROUP = {"consumer.heartbeat.interval.ms": "200", "consumer.session.timeout.ms": "1000"}
_PROTOCOLS: dict[str, ClientSettings] = {
    "classic": {"session.timeout.ms": 1000, "heartbeat.interval.ms": 100},
    "consumer": {"group.protocol": "consumer"},
}
