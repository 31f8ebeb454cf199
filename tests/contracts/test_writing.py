"""What a writer promises."""

from __future__ import annotations

import pytest

from stream_drift.errors import BrokerError
from stream_drift.runtime.transport import Ack, StoredRecord
from tests.contracts.worlds import PATIENCE_SECONDS, World


def test_records_of_a_partition_keep_their_order(world: World, topic: str) -> None:
    world.create_topic(topic, 2)
    writer = world.writer()
    for i in range(200):
        writer.send(topic, i % 2, None, b"%d" % i)
    assert writer.flush(PATIENCE_SECONDS)
    scanner = world.scanner()
    for number in range(2):
        values = [record.value for record in scanner.scan((topic, number))]
        assert values == [b"%d" % i for i in range(number, 200, 2)]


@pytest.mark.parametrize("append_time", [True, False])
def test_acks_tell_where_and_when(world: World, topic: str, append_time: bool) -> None:  # noqa: FBT001  # parametrised
    world.create_topic(topic, 1, append_time=append_time)
    acks: list[Ack] = []
    writer = world.writer()
    before_ms = world.now_ms()
    for _ in range(3):
        writer.send(topic, 0, None, b"a", on_ack=acks.append)
    assert writer.flush(PATIENCE_SECONDS)
    after_ms = world.now_ms()
    assert [ack.offset for ack in acks] == [0, 1, 2]
    assert all(before_ms <= ack.append_time_ms <= after_ms for ack in acks)
    stored = [record.timestamp_ms for record in world.scanner().scan((topic, 0))]
    assert stored == [ack.append_time_ms for ack in acks]


def test_all_parts_of_a_record_come_back(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    writer = world.writer()
    headers = [("ce_id", b"1"), ("ce_id", b"\xff\x00"), ("empty", b"")]
    writer.send(topic, 0, b"key", b"value", headers)
    writer.send(topic, 0, None, None)
    assert writer.flush(PATIENCE_SECONDS)
    first, second = world.scanner().scan((topic, 0))
    assert (first.key, first.value, list(first.headers)) == (b"key", b"value", headers)
    assert (second.key, second.value, list(second.headers)) == (None, None, [])


def test_flush_without_anything_queued_is_done(world: World) -> None:
    writer = world.writer()
    assert writer.flush(0)
    assert writer.flush(1)


def test_answers_are_collected_without_waiting(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    acks: list[Ack] = []
    writer = world.writer()
    writer.send(topic, 0, None, b"a", on_ack=acks.append)
    world.until(lambda: writer.flush(0))
    assert len(acks) == 1


def test_a_record_that_has_nowhere_to_go_ends_the_writer(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    acks: list[Ack] = []
    writer = world.writer()
    writer.send(topic, 0, None, b"good", on_ack=acks.append)
    assert writer.flush(PATIENCE_SECONDS)
    with pytest.raises(BrokerError, match=topic):  # noqa: PT012  # either call may be the one
        writer.send(topic, 5, None, b"bad", on_ack=acks.append)
        assert not writer.flush(PATIENCE_SECONDS)
        writer.send(topic, 0, None, b"next", on_ack=acks.append)
    assert not writer.flush(PATIENCE_SECONDS)
    assert len(acks) == 1


def test_close_gives_up_what_is_queued_and_may_be_repeated(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    writer = world.writer()
    writer.send(topic, 0, None, b"a")
    writer.close()
    writer.close()


def test_a_scan_is_made_of_stored_records(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    acks: list[Ack] = []
    writer = world.writer()
    writer.send(topic, 0, b"k", b"v", [("h", b"x")], acks.append)
    assert writer.flush(PATIENCE_SECONDS)
    (record,) = world.scanner().scan((topic, 0))
    assert record == StoredRecord(0, acks[0].append_time_ms, b"k", b"v", [("h", b"x")])
