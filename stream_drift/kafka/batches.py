"""Kafka messages to record batches: the hot path of reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import cast

import numpy as np
from confluent_kafka import Message
from numpy.typing import NDArray

from stream_drift.events.record import Headers, RecordBatch
from stream_drift.runtime.transport import Fetched, TopicPartition

_timestamp_ms = itemgetter(1)


def new_ground(
    messages: Iterable[Message],
    ends: Mapping[TopicPartition, int],
    positions: Mapping[TopicPartition, int],
    *,
    with_keys: bool,
    with_headers: bool = False,
) -> list[Fetched]:
    """What leads beyond the positions.

    Parameters
    ----------
    messages
        Without errors, as they arrived; those of partitions without a position are dropped.
    ends
        Where partitions were seen to end: past control records and holes.
    """
    parts = _by_partition(messages)
    fetched: list[Fetched] = []
    for partition in {**parts, **ends}:
        position = positions.get(partition)
        if position is not None:
            mine, end = parts.get(partition, ()), ends.get(partition, 0)
            batch = to_batch(mine, position, end, with_keys=with_keys, with_headers=with_headers)
            if batch.next_offset > position:
                fetched.append(Fetched(partition, batch))
    return fetched


def to_batch(
    messages: Sequence[Message],
    position: int,
    end: int,
    *,
    with_keys: bool = False,
    with_headers: bool = False,
) -> RecordBatch:
    """Messages of one partition as columns; ``next_offset`` is at least ``position`` and ``end``.

    What stands below ``position`` was there before a seek or a rebalance and is dropped. Where
    offsets step back, the client has fetched again from there: what it fetched before counts up
    to that place, and no further.
    """
    n_messages = len(messages)
    offsets = np.fromiter(map(Message.offset, messages), np.int64, n_messages)
    valid = _valid(offsets, position)
    if len(valid) < n_messages:
        kept = [messages[i] for i in valid.tolist()]
        return to_batch(kept, position, end, with_keys=with_keys, with_headers=with_headers)
    times = map(_timestamp_ms, map(Message.timestamp, messages))
    return RecordBatch(
        offsets,
        np.fromiter(times, np.int64, n_messages),
        list(map(Message.value, messages)),
        max(position, end, int(offsets[-1]) + 1 if n_messages else 0),
        list(map(Message.key, messages)) if with_keys else (),
        list(map(headers_of, messages)) if with_headers else (),
    )


def headers_of(message: Message) -> Headers:
    """The headers of a message; a header without a value counts as an empty one."""
    found = cast("list[tuple[str, bytes | None]]", message.headers() or [])
    return [(name, value or b"") for name, value in found]


def _by_partition(messages: Iterable[Message]) -> dict[TopicPartition, list[Message]]:
    """They arrive in long runs of one partition: Python handles runs, not messages."""
    parts: dict[TopicPartition, list[Message]] = {}
    for topic, of_topic in groupby(messages, Message.topic):
        for number, run in groupby(of_topic, Message.partition):
            parts.setdefault((str(topic), int(number or 0)), []).extend(run)
    return parts


def _valid(offsets: NDArray[np.int64], position: int) -> NDArray[np.int64]:
    """Places of those offsets from ``position`` on that nothing behind them comes before."""
    least_behind = np.minimum.accumulate(offsets[::-1])[::-1][1:]
    counts = offsets >= position
    counts[:-1] &= offsets[:-1] < least_behind
    return np.flatnonzero(counts)
