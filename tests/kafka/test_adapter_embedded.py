"""The broker of the demo: what of the contract it keeps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from stream_drift.errors import BrokerError
from stream_drift.kafka import admin
from stream_drift.kafka.admin import KafkaAdmin, TopicSpec
from stream_drift.kafka.connection import KafkaLog
from stream_drift.kafka.embedded import EmbeddedBroker
from stream_drift.kafka.topics import create_topics
from stream_drift.runtime.clock import now_ms
from stream_drift.runtime.transport import Ack, Committed
from tests.contracts.member import Member

TOPIC = "loans"


@pytest.fixture
def log() -> Iterator[KafkaLog]:
    with ExitStack() as clients:
        broker = clients.enter_context(EmbeddedBroker())
        kafka = {"bootstrap.servers": broker.bootstrap, "group.protocol": "consumer"}
        yield clients.enter_context(closing(KafkaLog(kafka, "demo", now_ms)))


def poll_until(member: Member, n_records: int) -> None:
    deadline = time.monotonic() + 20
    while sum(map(len, member.records.values())) < n_records:
        assert time.monotonic() < deadline
        member.poll()


def test_topics_come_into_being_when_asked_for(log: KafkaLog) -> None:
    assert log.admin.topics([TOPIC]) == {}
    outcomes = [log.admin.create([TopicSpec(TOPIC, 4)])[0].outcome for _ in range(2)]
    assert outcomes == ["created", "exists"]
    assert log.admin.topics([TOPIC, "other"])[TOPIC].n_partitions == 4
    assert log.admin.configs([TOPIC]) == {TOPIC: {}}
    assert {creation.outcome for creation in create_topics(log.admin, "demo")} == {"created"}


def test_a_topic_without_an_id_is_identified_by_its_name(log: KafkaLog) -> None:
    log.admin.create([TopicSpec(TOPIC, 4), TopicSpec("other", 4)])
    infos = log.admin.topics([TOPIC, "other"])
    assert infos == log.admin.topics(["other", TOPIC])
    assert infos[TOPIC].topic_id != infos["other"].topic_id


def test_questions_that_it_cannot_answer_are_not_waited_for(log: KafkaLog) -> None:
    before = time.monotonic()
    log.admin.create([TopicSpec(TOPIC, 4)])
    log.admin.topics([TOPIC])
    log.admin.configs([TOPIC])
    assert time.monotonic() - before < 5


def test_records_are_written_read_and_committed(log: KafkaLog) -> None:
    log.admin.create([TopicSpec(TOPIC, 4)])
    acks: list[Ack] = []
    with closing(log.writer()) as writer, closing(log.reader("g")) as reader:
        before_ms = now_ms()
        for i in range(100):
            writer.send(TOPIC, i % 4, None, b"%d" % i, on_ack=acks.append)
        assert writer.flush(10)
        member = Member(reader, {})
        reader.subscribe([TOPIC], member)
        poll_until(member, 100)
        for number in range(4):
            assert member.values((TOPIC, number)) == [b"%d" % i for i in range(number, 100, 4)]
        read_ms = [record.timestamp_ms for record in member.records[TOPIC, 0]]
        assert all(before_ms <= time_ms <= now_ms() for time_ms in read_ms)
        assert all(before_ms <= ack.append_time_ms <= now_ms() for ack in acks)
        assert (reader.start_offset((TOPIC, 1)), reader.end_offset((TOPIC, 1))) == (0, 25)
        assert reader.commit_now({(TOPIC, 1): Committed(25, "é")})
        assert reader.committed([(TOPIC, 0), (TOPIC, 1)]) == {(TOPIC, 1): Committed(25, "é")}


def test_stretches_are_read_back(log: KafkaLog) -> None:
    log.admin.create([TopicSpec(TOPIC, 4)])
    with closing(log.writer()) as writer, closing(log.scanner()) as scanner:
        for i in range(10):
            writer.send(TOPIC, 2, b"k", b"%d" % i, [("h", b"x")])
        assert writer.flush(10)
        found = list(scanner.scan((TOPIC, 2), 3, 6))
    assert [record.value for record in found] == [b"3", b"4", b"5"]
    assert {tuple(record.headers) for record in found} == {(("h", b"x"),)}


def test_it_is_told_apart_from_a_real_cluster(log: KafkaLog) -> None:
    assert log.admin.is_mock
    assert len(log.admin.brokers()) == 1


def test_after_its_end_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin, "ANSWER_TIMEOUT_SECONDS", 0.2)
    with EmbeddedBroker() as broker:
        kafka = {"bootstrap.servers": broker.bootstrap}
    with closing(KafkaAdmin(kafka)) as client, pytest.raises(BrokerError, match="no broker"):
        client.topics([TOPIC])
