"""What becomes of the messages of one consume call."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from confluent_kafka import Message

from stream_drift.kafka.batches import new_ground, to_batch

A, B = ("a", 0), ("b", 0)


def message(offset: int, topic: str = "a", partition: int = 0) -> Message:
    value = b"%d" % offset
    return Message(topic, partition, offset, value, value, timestamp=(1, 1000 + offset))


def messages(*offsets: int) -> list[Message]:
    return [message(offset) for offset in offsets]


@pytest.mark.parametrize(
    ("arrived", "position", "kept"),
    [
        ([], 3, []),
        ([3, 4, 7], 3, [3, 4, 7]),
        ([3, 4, 7], 0, [3, 4, 7]),
        ([3, 4, 7], 4, [4, 7]),
        ([3, 4, 7], 8, []),
        ([5, 6, 3, 4], 3, [3, 4]),
        ([5, 6, 3, 4, 3, 4, 5], 3, [3, 4, 5]),
        ([5, 6, 1, 2, 3, 4], 3, [3, 4]),
        ([3, 4, 5, 6, 5, 6, 7], 3, [3, 4, 5, 6, 7]),
        ([3, 4, 5, 6, 5], 3, [3, 4, 5]),
        ([3, 4, 9, 6, 7, 5], 3, [3, 4, 5]),
        ([3, 3], 3, [3]),
    ],
)
def test_every_offset_from_the_position_on_counts_once_as_fetched_last(
    arrived: Sequence[int], position: int, kept: Sequence[int]
) -> None:
    batch = to_batch(messages(*arrived), position, 0)
    assert batch.offsets.tolist() == kept
    assert batch.timestamps_ms.tolist() == [1000 + offset for offset in kept]
    assert batch.values == [b"%d" % offset for offset in kept]
    assert batch.next_offset == (kept[-1] + 1 if kept else position)


def test_the_end_of_a_partition_moves_the_position() -> None:
    assert to_batch(messages(1, 2), 0, end=9).next_offset == 9
    assert to_batch(messages(1, 2), 0, end=2).next_offset == 3
    assert to_batch([], 5, end=9).next_offset == 9
    assert to_batch([], 5, end=3).next_offset == 5


def test_messages_are_sorted_by_partition_in_the_order_of_their_arrival() -> None:
    mixed = [message(0), message(7, "b"), message(1), message(4, "a", 1), message(8, "b")]
    fetched = new_ground(mixed, {}, {A: 0, B: 0, ("a", 1): 0}, with_keys=True)
    assert {found.partition: found.batch.keys for found in fetched} == {
        A: [b"0", b"1"],
        B: [b"7", b"8"],
        ("a", 1): [b"4"],
    }


def test_what_is_not_owned_is_dropped() -> None:
    fetched = new_ground([message(0), message(0, "b")], {A: 5, B: 5}, {B: 0}, with_keys=False)
    assert [found.partition for found in fetched] == [B]


def test_what_brings_nothing_new_is_left_out() -> None:
    assert new_ground(messages(1, 2), {A: 3}, {A: 3}, with_keys=False) == []
