"""The broker that tests use is a real one, and obeys."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from confluent_kafka import (
    TIMESTAMP_LOG_APPEND_TIME,
    Consumer,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from tests.support.broker import KafkaBroker
from tests.support.kafka_log import client_settings, read, write

LONG_AGO_MS = 1_700_000_000_000


def values(broker: KafkaBroker, topic: str, partition: int = 0) -> list[bytes | None]:
    return [message.value() for message in read(broker.bootstrap, topic, partition=partition)]


def topic_id(broker: KafkaBroker, topic: str) -> str:
    admin = AdminClient(client_settings(broker.bootstrap))
    return str(admin.describe_topics(TopicCollection([topic]))[topic].result().topic_id)


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_what_is_written_is_read_back_in_order(broker: KafkaBroker, topic_prefix: str) -> None:
    broker.create_topic(topic_prefix, 2)
    write(broker.bootstrap, topic_prefix, [b"a", b"b", b"c"], partition=1)
    assert values(broker, topic_prefix, 0) == []
    assert values(broker, topic_prefix, 1) == [b"a", b"b", b"c"]


def test_topics_are_not_made_by_using_them(broker: KafkaBroker, topic_prefix: str) -> None:
    with pytest.raises(KafkaException, match="_UNKNOWN_PARTITION"):
        read(broker.bootstrap, topic_prefix)
    admin = AdminClient(client_settings(broker.bootstrap))
    assert topic_prefix not in admin.list_topics(timeout=10).topics


def test_broker_stamps_records_where_the_topic_says_so(
    broker: KafkaBroker, topic_prefix: str
) -> None:
    broker.create_topic(topic_prefix, message_timestamp_type="LogAppendTime")
    write(broker.bootstrap, topic_prefix, [b"a"], timestamp_ms=LONG_AGO_MS)
    kind, timestamp_ms = read(broker.bootstrap, topic_prefix)[0].timestamp()
    assert kind == TIMESTAMP_LOG_APPEND_TIME
    assert timestamp_ms > LONG_AGO_MS


def test_commit_keeps_its_metadata(broker: KafkaBroker, topic_prefix: str) -> None:
    broker.create_topic(topic_prefix)
    member = client_settings(broker.bootstrap) | {"group.id": topic_prefix}
    with Consumer(member) as consumer:
        place = TopicPartition(topic_prefix, 0, 17, metadata="what only we understand")
        consumer.commit(offsets=[place], asynchronous=False)
        found = consumer.committed([TopicPartition(topic_prefix, 0)], timeout=30)[0]
    assert (found.offset, found.metadata) == (17, "what only we understand")


def test_topic_made_again_is_another_topic(broker: KafkaBroker, topic_prefix: str) -> None:
    broker.create_topic(topic_prefix)
    write(broker.bootstrap, topic_prefix, [b"a"])
    first = topic_id(broker, topic_prefix)
    broker.delete_topic(topic_prefix)
    broker.create_topic(topic_prefix)
    assert topic_id(broker, topic_prefix) != first
    assert values(broker, topic_prefix) == []


def test_partitions_are_added(broker: KafkaBroker, topic_prefix: str) -> None:
    broker.create_topic(topic_prefix, 1)
    broker.add_partitions(topic_prefix, 3)
    write(broker.bootstrap, topic_prefix, [b"a"], partition=2)
    assert values(broker, topic_prefix, 2) == [b"a"]


def test_retention_works_within_seconds(broker: KafkaBroker, topic_prefix: str) -> None:
    broker.create_topic(topic_prefix, retention_ms=1000)
    write(broker.bootstrap, topic_prefix, [b"a"], timestamp_ms=LONG_AGO_MS)
    assert within(20, lambda: not values(broker, topic_prefix))


@pytest.mark.parametrize("end", [KafkaBroker.stop, KafkaBroker.kill])
def test_records_survive_the_end_of_the_broker(
    own_broker: KafkaBroker, topic_prefix: str, end: Callable[[KafkaBroker], None]
) -> None:
    own_broker.create_topic(topic_prefix)
    write(own_broker.bootstrap, topic_prefix, [b"a", b"b"])
    end(own_broker)
    with pytest.raises((KafkaException, RuntimeError)):
        AdminClient(client_settings(own_broker.bootstrap)).list_topics(timeout=0.5)
    own_broker.start()
    write(own_broker.bootstrap, topic_prefix, [b"c"])
    assert values(own_broker, topic_prefix) == [b"a", b"b", b"c"]


def test_frozen_broker_answers_later(own_broker: KafkaBroker, topic_prefix: str) -> None:
    own_broker.create_topic(topic_prefix)
    admin = AdminClient(client_settings(own_broker.bootstrap))
    with own_broker.frozen(), pytest.raises(KafkaException, match=r"_TRANSPORT|_TIMED_OUT"):
        admin.list_topics(timeout=0.5)
    write(own_broker.bootstrap, topic_prefix, [b"a"])
    assert values(own_broker, topic_prefix) == [b"a"]
