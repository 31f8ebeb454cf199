"""A stretch of a topic is read once, whole, and without a group."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from confluent_kafka.admin import AdminClient

from stream_drift.errors import BrokerError, ConfigError
from stream_drift.events.record import RecordBatch
from stream_drift.kafka.history import MAX_RECORDS, read_topic
from tests.support.broker import KafkaBroker
from tests.support.kafka_log import client_settings, write

START_MS = 1_790_000_000_000
HOUR_MS = 3_600_000


def values(batches: Iterable[RecordBatch]) -> list[bytes | None]:
    return [value for batch in batches for value in batch.values]


def kafka(broker: KafkaBroker) -> dict[str, str]:
    return {"bootstrap.servers": broker.bootstrap}


def hourly(broker: KafkaBroker, topic: str, n_hours: int) -> None:
    """One record per hour and partition, and a partition that stays empty."""
    broker.create_topic(topic, 3, retention_ms=-1)
    for partition in (0, 1):
        for hour in range(n_hours):
            value = b"%d/%d" % (partition, hour)
            timestamp_ms = START_MS + hour * HOUR_MS
            write(broker.bootstrap, topic, [value], partition=partition, timestamp_ms=timestamp_ms)


def test_stretch_of_time_is_half_open_in_every_partition(
    broker: KafkaBroker, topic_prefix: str
) -> None:
    hourly(broker, topic_prefix, 4)
    since, until = START_MS + HOUR_MS - 5, START_MS + 3 * HOUR_MS
    batches = list(read_topic(kafka(broker), topic_prefix, since, until))
    assert values(batches) == [b"0/1", b"0/2", b"1/1", b"1/2"]
    assert [batch.timestamps_ms[0] for batch in batches] == [START_MS + HOUR_MS] * 2
    assert [batch.offsets[0] for batch in batches] == [1, 1]


@pytest.mark.parametrize(
    ("since_hour", "until_hour", "hours"),
    [
        (None, None, [0, 1, 2]),
        (1, None, [1, 2]),
        (None, 1, [0]),
        (9, None, []),
        (None, 9, [0, 1, 2]),
    ],
)
def test_open_ends_reach_to_the_ends_of_the_topic(
    broker: KafkaBroker,
    topic_prefix: str,
    since_hour: int | None,
    until_hour: int | None,
    hours: list[int],
) -> None:
    hourly(broker, topic_prefix, 3)
    since = None if since_hour is None else START_MS + since_hour * HOUR_MS
    until = None if until_hour is None else START_MS + until_hour * HOUR_MS
    found = values(read_topic(kafka(broker), topic_prefix, since, until))
    assert found == [b"%d/%d" % (partition, hour) for partition in (0, 1) for hour in hours]


def test_what_is_written_while_reading_is_left_out(broker: KafkaBroker, topic_prefix: str) -> None:
    n = 2 * MAX_RECORDS + 7
    broker.create_topic(topic_prefix)
    write(broker.bootstrap, topic_prefix, [b"%d" % i for i in range(n)])
    reading = read_topic(kafka(broker), topic_prefix, None, None)
    found = list(next(reading).values)
    write(broker.bootstrap, topic_prefix, [b"later"] * 10)
    assert found + values(reading) == [b"%d" % i for i in range(n)]


def test_no_group_is_left_behind(broker: KafkaBroker, topic_prefix: str) -> None:
    hourly(broker, topic_prefix, 1)
    list(read_topic(kafka(broker), topic_prefix, None, None))
    groups = AdminClient(client_settings(broker.bootstrap)).list_consumer_groups().result().valid
    assert "stream-drift-history" not in {group.group_id for group in groups}


def test_unknown_topic_is_named(broker: KafkaBroker, topic_prefix: str) -> None:
    with pytest.raises(BrokerError, match=f"topic '{topic_prefix}': UNKNOWN_TOPIC_OR_PART"):
        list(read_topic(kafka(broker), topic_prefix, None, None))


def test_unknown_client_setting_is_named() -> None:
    with pytest.raises(ConfigError, match=r"no\.such\.setting"):
        list(read_topic({"no.such.setting": "1"}, "t", None, None))
