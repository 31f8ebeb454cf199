"""Where a partition begins and ends, asked of the broker now."""

from __future__ import annotations

import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

from stream_drift.kafka.faults import broker_errors, kafka_error
from stream_drift.kafka.guard import Guard
from stream_drift.runtime import transport

ANSWER_TIMEOUT_SECONDS = 10.0
PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 0.1
_MOVING = frozenset({"NOT_LEADER_FOR_PARTITION", "LEADER_NOT_AVAILABLE", "FENCED_LEADER_EPOCH"})
"""What brokers say for a moment after an election, or after a topic was made again."""


def offset_bounds(
    consumer: Consumer, partition: transport.TopicPartition, guard: Guard
) -> tuple[int, int]:
    """Oldest offset and end; for a consumer that reads committed, the last stable offset.

    Raises
    ------
    BrokerError
        Where there is no answer, or still none after an election should be over.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    with guard("offsets"), broker_errors("offsets of {}[{}]".format(*partition)):
        while True:
            try:
                return consumer.get_watermark_offsets(
                    TopicPartition(*partition), ANSWER_TIMEOUT_SECONDS
                )
            except KafkaException as exception:
                moving = kafka_error(exception).name() in _MOVING
                if not moving or time.monotonic() > deadline:
                    raise
            time.sleep(PAUSE_SECONDS)
