"""The plainest possible producer and reader, to write and check what stands in a topic."""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition

TIMEOUT_SECONDS = 30

ClientSettings = dict[str, str | int | float | bool]


def client_settings(bootstrap: str) -> ClientSettings:
    """Without a log: a client whose broker was stopped on purpose would fill the screen."""
    return {"bootstrap.servers": bootstrap, "log_level": 0}


def write(
    bootstrap: str,
    topic: str,
    values: Iterable[bytes],
    *,
    partition: int = 0,
    timestamp_ms: int = 0,
) -> None:
    """Append records and wait for the acks; timestamp 0 means now."""
    failures: list[object] = []
    producer = Producer(client_settings(bootstrap) | {"acks": "all"})
    for value in values:
        producer.produce(
            topic,
            value,
            partition=partition,
            timestamp=timestamp_ms,
            on_delivery=lambda error, _: failures.append(error) if error else None,
        )
    unsent = producer.flush(TIMEOUT_SECONDS)
    if failures or unsent:
        message = f"{unsent} records not sent, {len(failures)} refused: {failures[:1]}"
        raise RuntimeError(message)


def read(bootstrap: str, topic: str, *, partition: int = 0) -> list[Message]:
    """All records of a partition, from the oldest to the last one that stands there now."""
    found: list[Message] = []
    settings: ClientSettings = {
        "group.id": "reader",
        "enable.auto.commit": "false",
        "enable.partition.eof": "true",
    }
    with Consumer(client_settings(bootstrap) | settings) as consumer:
        place = TopicPartition(topic, partition)
        start, end = consumer.get_watermark_offsets(place, timeout=TIMEOUT_SECONDS)
        consumer.assign([TopicPartition(topic, partition, start)])
        while consumer.position([place])[0].offset < end > start:
            found.extend(_usable(consumer.consume(1000, timeout=0.2)))
    return found


def _usable(messages: Iterable[Message]) -> Iterable[Message]:
    for message in messages:
        error = message.error()
        if error is None:
            yield message
        elif error.name() != "_PARTITION_EOF":
            raise KafkaException(error)
