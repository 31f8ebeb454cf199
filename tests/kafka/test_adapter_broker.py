"""What only a real broker can show of the clients."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing

import pytest
from confluent_kafka import Producer

from stream_drift.errors import BrokerError
from stream_drift.kafka import admin, offsets, reader
from stream_drift.kafka.admin import TopicSpec
from stream_drift.kafka.connection import KafkaLog
from stream_drift.kafka.sample import sample_topic
from stream_drift.kafka.topics import create_topics, own_topics
from stream_drift.runtime.clock import now_ms
from stream_drift.runtime.transport import Ack, Committed, TopicPartition
from tests.contracts.member import Member
from tests.support.broker import KafkaBroker
from tests.support.kafka_log import client_settings, write

Connect = Callable[..., KafkaLog]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Opens logs that are closed at the end."""
    with ExitStack() as logs:

        def open_log(broker: KafkaBroker, **settings: object) -> KafkaLog:
            quick = {"fetch.wait.max.ms": 20, "fetch.min.bytes": 1, "group.protocol": "consumer"}
            given = {key.replace("_", "."): value for key, value in settings.items()}
            kafka = client_settings(broker.bootstrap) | quick | given
            return logs.enter_context(closing(KafkaLog(kafka, "x", now_ms)))

        yield open_log


def until(condition: Callable[[], object], *members: Member) -> None:
    deadline = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < deadline
        for member in members:
            member.poll()


def test_an_open_transaction_is_the_end(
    broker: KafkaBroker, topic_prefix: str, connect: Connect
) -> None:
    broker.create_topic(topic_prefix)
    place = (topic_prefix, 0)
    write(broker.bootstrap, topic_prefix, [b"before"])
    log = connect(broker)
    config = client_settings(broker.bootstrap) | {"transactional.id": topic_prefix}
    with (
        closing(log.reader(topic_prefix)) as client,
        closing(log.scanner()) as asking,
        Producer(config) as producer,
    ):
        producer.init_transactions(30)
        producer.begin_transaction()
        producer.produce(topic_prefix, b"within", partition=0)
        producer.flush(30)
        write(broker.bootstrap, topic_prefix, [b"after"])
        assert (client.end_offset(place), asking.end_offset(place)) == (1, 1)
        assert [record.value for record in asking.scan(place)] == [b"before"]
        member = Member(client, {})
        client.subscribe([topic_prefix], member)
        until(member.has_position(place, 1), member)
        producer.commit_transaction(30)
        until(member.has_position(place, 4), member)
        assert member.values(place) == [b"before", b"within", b"after"]
        assert client.end_offset(place) == 4


def test_what_a_listener_raises_leaves_poll_as_it_is(
    broker: KafkaBroker, topic_prefix: str, connect: Connect
) -> None:
    class Refusing(Member):
        def assigned(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
            del partitions
            message = "not these"
            raise BrokerError(message)

    broker.create_topic(topic_prefix)
    log = connect(broker, group_protocol="classic")
    with closing(log.reader(topic_prefix)) as client:
        member = Refusing(client, {})
        client.subscribe([topic_prefix], member)
        with pytest.raises(BrokerError, match="not these"):
            until(lambda: False, member)


def test_reading_and_writing_go_on_after_a_broker_restart(
    own_broker: KafkaBroker, connect: Connect
) -> None:
    own_broker.create_topic("t")
    log = connect(own_broker, reconnect_backoff_max_ms=500)
    acks: list[Ack] = []
    with closing(log.reader("g")) as client, closing(log.writer()) as writer:
        member = Member(client, {})
        client.subscribe(["t"], member)
        writer.send("t", 0, None, b"a", on_ack=acks.append)
        assert writer.flush(30)
        until(member.has_position(("t", 0), 1), member)
        own_broker.kill()
        writer.send("t", 0, None, b"b", on_ack=acks.append)
        assert not writer.flush(0.5)
        until(lambda: client.last_error, member)
        own_broker.start()
        assert writer.flush(60)
        until(member.has_position(("t", 0), 2), member)
        assert member.values(("t", 0)) == [b"a", b"b"]
        assert [ack.offset for ack in acks] == [0, 1]
        assert (client.last_error, writer.last_error, writer.failed) == (None, None, None)


def test_a_broker_that_hangs_is_an_error_in_time(
    own_broker: KafkaBroker, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (admin, reader, offsets):
        monkeypatch.setattr(module, "ANSWER_TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(reader, "COMMIT_TIMEOUT_SECONDS", 0.5)
    own_broker.create_topic("t")
    log = connect(own_broker)
    with closing(log.reader("g")) as client, closing(log.scanner()) as asking:
        member = Member(client, {})
        client.subscribe(["t"], member)
        until(lambda: member.owned, member)
        assert client.topics(["t"])["t"].n_partitions == 1
        assert asking.end_offset(("t", 0)) == 0
        with own_broker.frozen():
            questions: list[Callable[[], object]] = [
                lambda: client.committed([("t", 0)]),
                lambda: client.end_offset(("t", 0)),
                lambda: client.topics(["t"]),
                lambda: list(asking.scan(("t", 0))),
            ]
            for question in questions:
                before = time.monotonic()
                with pytest.raises(BrokerError):
                    question()
                assert time.monotonic() - before < 5
            assert client.poll(10, 0.1) == []
            before = time.monotonic()
            assert not client.commit_now({("t", 0): Committed(0, "")})
            assert time.monotonic() - before < 5


def test_a_reader_can_be_closed_while_brokers_are_away(
    own_broker: KafkaBroker, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "COMMIT_TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(reader, "CLOSE_TIMEOUT_SECONDS", 1)
    own_broker.create_topic("t")
    log = connect(own_broker)
    member = Member(log.reader("g"), {})
    member.reader.subscribe(["t"], member)
    until(lambda: member.owned, member)
    own_broker.kill()
    member.reader.commit({("t", 0): Committed(1, "")})
    before = time.monotonic()
    member.reader.close()
    assert time.monotonic() - before < 5
    assert member.happened[1:] == [("revoked", frozenset({("t", 0)}))]
    own_broker.start()
    until(lambda: all(thread.name != "closing" for thread in threading.enumerate()))


def test_a_record_that_is_never_acknowledged_is_not_lost_in_silence(
    own_broker: KafkaBroker, connect: Connect
) -> None:
    own_broker.create_topic("t")
    log = connect(own_broker, message_timeout_ms=3000)
    acks: list[Ack] = []
    with closing(log.writer()) as writer:
        writer.send("t", 0, None, b"a", on_ack=acks.append)
        assert writer.flush(30)
        with own_broker.frozen():
            writer.send("t", 0, None, b"b", on_ack=acks.append)
            until(lambda: writer.failed or writer.flush(0.2))
            assert str(writer.failed).startswith("t[0]: _MSG_TIMED_OUT")
            with pytest.raises(BrokerError, match="start the process again"):
                writer.send("t", 0, None, b"c", on_ack=acks.append)
        assert not writer.flush(1)
        assert len(acks) == 1


def test_a_full_queue_makes_the_sender_wait(
    broker: KafkaBroker, topic_prefix: str, connect: Connect
) -> None:
    broker.create_topic(topic_prefix)
    acks: list[Ack] = []
    with closing(connect(broker, queue_buffering_max_messages=10).writer()) as writer:
        for i in range(300):
            writer.send(topic_prefix, 0, None, b"%d" % i, on_ack=acks.append)
        assert writer.flush(30)
    assert [ack.offset for ack in acks] == list(range(300))


def test_a_record_that_is_too_large_is_refused_at_once(
    broker: KafkaBroker, topic_prefix: str, connect: Connect
) -> None:
    broker.create_topic(topic_prefix)
    with (
        closing(connect(broker).writer()) as writer,
        pytest.raises(BrokerError, match="MSG_SIZE_TOO_LARGE"),
    ):
        writer.send(topic_prefix, 0, None, b"x" * 2_000_000)


def test_own_topics_are_made_as_designed(
    broker: KafkaBroker, topic_prefix: str, connect: Connect
) -> None:
    log = connect(broker)
    assert {made.outcome for made in create_topics(log.admin, topic_prefix, 3)} == {"created"}
    assert {made.outcome for made in create_topics(log.admin, topic_prefix, 3)} == {"exists"}
    specs = own_topics(topic_prefix, 3)
    names = [spec.name for spec in specs]
    assert {info.n_partitions for info in log.admin.topics(names).values()} == {3}
    found = log.admin.configs(names)
    for spec in specs:
        assert found[spec.name].items() >= spec.config.items()


def test_a_topic_that_may_not_be_made_is_told(
    broker: KafkaBroker, topic_prefix: str, connect: Connect
) -> None:
    specs = [TopicSpec(topic_prefix, 1), TopicSpec(f"{topic_prefix}.3", 1, replication=3)]
    created, failed = connect(broker).admin.create(specs)
    assert created.outcome == "created"
    assert (failed.outcome, failed.topic) == ("failed", f"{topic_prefix}.3")
    assert "INVALID_REPLICATION_FACTOR" in failed.reason


def test_a_sample_is_the_end_of_the_topic(broker: KafkaBroker, topic_prefix: str) -> None:
    broker.create_topic(topic_prefix, 3)
    for number, count in enumerate([2, 50, 0]):
        values = [b"%d-%d" % (number, i) for i in range(count)]
        write(broker.bootstrap, topic_prefix, values, partition=number)
    kafka = client_settings(broker.bootstrap)
    latest = [b"0-0", b"0-1", *(b"1-%d" % i for i in range(42, 50))]
    assert sorted(sample_topic(kafka, topic_prefix, 10)) == latest
    assert len(sample_topic(kafka, topic_prefix, 1000)) == 52


def test_there_is_no_sample_of_a_topic_that_does_not_exist(
    broker: KafkaBroker, topic_prefix: str
) -> None:
    with pytest.raises(BrokerError, match="does not exist"):
        sample_topic(client_settings(broker.bootstrap), topic_prefix, 10)
