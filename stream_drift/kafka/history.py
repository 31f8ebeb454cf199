"""What stands in a topic between two moments, read without a group: nothing is committed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from confluent_kafka import Consumer, Message, TopicPartition

from stream_drift.errors import BrokerError
from stream_drift.events.record import RecordBatch
from stream_drift.kafka.batches import to_batch
from stream_drift.kafka.client_config import scanner_config
from stream_drift.kafka.faults import Complaints, broker_errors, config_errors, describe

GROUP = "stream-drift-history"
"""A client must name a group even where it never joins one."""
ANSWER_SECONDS = 30.0
POLL_SECONDS = 1.0
MAX_RECORDS = 2_000
_END = "_PARTITION_EOF"
_NONE_SO_YOUNG = -1

Offsets = dict[int, int]
"""Per partition number."""
Stretches = dict[int, tuple[int, int]]
"""Per partition number the first offset, and the one after the last."""


def read_topic(
    kafka: Mapping[str, str], topic: str, since_ms: int | None, until_ms: int | None
) -> Iterator[RecordBatch]:
    """The records of a topic between two moments, partition after partition.

    Each partition is read once: from the first record whose timestamp is not before
    ``since_ms`` up to the first that is not before ``until_ms``, or up to the end as it was when
    the reading began.

    Parameters
    ----------
    kafka
        The client settings of the configuration.
    since_ms, until_ms
        ``None``: from the oldest record; up to the end.

    Raises
    ------
    BrokerError
        Where the topic does not exist or the brokers do not answer.
    ConfigError
        Where the client refuses its settings.
    """
    ranges = stretches(kafka, topic, since_ms, until_ms)
    for _, batch in read_stretches(kafka, topic, ranges):
        yield batch


def stretches(
    kafka: Mapping[str, str], topic: str, since_ms: int | None, until_ms: int | None = None
) -> Stretches:
    """Where `read_topic` would read: the same offsets whenever they are read again."""
    with _client(kafka, topic) as (consumer, _):
        starts, stops = _limits(consumer, topic)
        if since_ms is not None:
            starts = _offsets_at(consumer, topic, since_ms, stops)
        if until_ms is not None:
            stops = _offsets_at(consumer, topic, until_ms, stops)
        return {number: (starts[number], stops[number]) for number in starts}


def read_stretches(
    kafka: Mapping[str, str], topic: str, ranges: Stretches
) -> Iterator[tuple[int, RecordBatch]]:
    """The records of each partition from its first offset up to its second, with its number.

    Raises as `read_topic` does.
    """
    with _client(kafka, topic) as (consumer, complaints):
        for number, (start, stop) in sorted(ranges.items()):
            place = TopicPartition(topic, number, start)
            for batch in _read(consumer, place, stop, complaints):
                yield number, batch


@contextmanager
def _client(kafka: Mapping[str, str], topic: str) -> Iterator[tuple[Consumer, Complaints]]:
    complaints = Complaints()
    with config_errors():
        consumer = Consumer(scanner_config(kafka, GROUP) | {"error_cb": complaints.note})
    try:
        with broker_errors(f"reading topic {topic!r}"):
            yield consumer, complaints
    finally:
        consumer.close()


def _limits(consumer: Consumer, topic: str) -> tuple[Offsets, Offsets]:
    """The oldest offset and the end of every partition."""
    found = consumer.list_topics(topic, timeout=ANSWER_SECONDS).topics[topic]
    if found.error is not None:
        message = f"topic {topic!r}: {describe(found.error)}"
        raise BrokerError(message)
    limits = {
        number: consumer.get_watermark_offsets(TopicPartition(topic, number), ANSWER_SECONDS)
        for number in sorted(found.partitions)
    }
    return (
        {number: start for number, (start, _) in limits.items()},
        {number: end for number, (_, end) in limits.items()},
    )


def _offsets_at(consumer: Consumer, topic: str, time_ms: int, ends: Offsets) -> Offsets:
    """The first offset that is not before the time; a partition's end where there is none."""
    asked = [TopicPartition(topic, number, time_ms) for number in ends]
    answers = consumer.offsets_for_times(asked, timeout=ANSWER_SECONDS)
    found = {answer.partition: answer.offset for answer in answers}
    return {
        number: end if found[number] == _NONE_SO_YOUNG else min(found[number], end)
        for number, end in ends.items()
    }


def _read(
    consumer: Consumer, place: TopicPartition, stop: int, complaints: Complaints
) -> Iterator[RecordBatch]:
    """The records from ``place`` up to ``stop``, or up to where there is nothing more to read."""
    position, silent_seconds = place.offset, 0.0
    consumer.assign([place])
    while position < stop:
        messages = consumer.consume(MAX_RECORDS, POLL_SECONDS)
        complaints.raise_fatal()
        silent_seconds = 0.0 if messages else silent_seconds + POLL_SECONDS
        if silent_seconds >= ANSWER_SECONDS:
            message = f"reading topic {place.topic!r}: no answer; {complaints.last}"
            raise BrokerError(message)
        mine, has_ended = _sorted_out(messages, place.partition, stop)
        batch = to_batch(mine, position, stop if has_ended else 0)
        position = batch.next_offset
        if len(batch):
            yield batch


def _sorted_out(messages: Sequence[Message], number: int, stop: int) -> tuple[list[Message], bool]:
    """The partition's records below ``stop``, and whether it holds nothing more below it."""
    mine: list[Message] = []
    has_ended = False
    for message in messages:
        error, offset = message.error(), message.offset() or 0
        if message.partition() != number:
            continue
        if error is None and offset < stop:
            mine.append(message)
        elif error is None or error.name() == _END:
            has_ended = True
        else:
            complaint = f"reading topic {message.topic()!r}: {describe(error)}"
            raise BrokerError(complaint)
    return mine, has_ended
