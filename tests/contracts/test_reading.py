"""What a member of a group reads, and where that leaves it."""

from __future__ import annotations

import pytest

from stream_drift.runtime.transport import Fetched
from tests.contracts.worlds import HOLE, World, join, write


def test_records_come_in_offset_order_as_they_were_written(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    acks = write(world, (topic, 0), [b"a", b"b", b"c"])
    member = join(world, topic, [topic])
    world.until(member.has_position((topic, 0), 3), member)
    records = member.records[topic, 0]
    assert [record.value for record in records] == [b"a", b"b", b"c"]
    assert [record.offset for record in records] == [0, 1, 2]
    assert [record.timestamp_ms for record in records] == [ack.append_time_ms for ack in acks]
    assert [record.key for record in records] == [None, None, None]


def test_keys_come_where_they_are_asked_for(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a", None, b"c"])
    member = join(world, topic, [topic], with_keys=True)
    world.until(member.has_position((topic, 0), 3), member)
    assert [record.key for record in member.records[topic, 0]] == [b"a", None, b"c"]


def test_headers_come_where_they_are_asked_for(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    headers = [("ce_id", b"1"), ("empty", b""), ("ce_id", b"again")]
    write(world, (topic, 0), [b"a"], headers=headers)
    write(world, (topic, 0), [b"b"])
    member = join(world, topic, [topic], with_headers=True)
    world.until(member.has_position((topic, 0), 2), member)
    assert [list(record.headers) for record in member.records[topic, 0]] == [headers, []]


def test_a_tombstone_is_a_record_without_value(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a", None, b"", b"c"])
    member = join(world, topic, [topic])
    world.until(member.has_position((topic, 0), 4), member)
    assert member.values((topic, 0)) == [b"a", None, b"", b"c"]


def test_one_poll_answers_once_per_partition_and_keeps_to_its_limit(
    world: World, topic: str
) -> None:
    world.create_topic(topic, 3)
    for number in range(3):
        write(world, (topic, number), [b"%d" % i for i in range(40)])
    member = join(world, topic, [topic])
    world.until(lambda: sum(map(len, member.records.values())) == 120, member)
    for answer in member.polls:
        partitions = [found.partition for found in answer]
        assert len(partitions) == len(set(partitions))
        assert sum(len(found.batch) for found in answer if isinstance(found, Fetched)) <= 100
    for number in range(3):
        assert member.values((topic, number)) == [b"%d" % i for i in range(40)]


def test_no_partition_waits_for_ever_behind_another(world: World, topic: str) -> None:
    world.create_topic(topic, 2)
    for number in range(2):
        write(world, (topic, number), [b"x"] * 50)
    member = join(world, topic, [topic])
    world.until(lambda: member.owned == {(topic, 0), (topic, 1)}, member)
    for _ in range(20):
        member.poll(max_records=10)
    assert len(member.records) == 2


def test_reading_begins_where_the_listener_says(world: World, topic: str) -> None:
    world.create_topic(topic, 2)
    for number in range(2):
        write(world, (topic, number), [b"a", b"b", b"c"])
    member = join(world, topic, [topic], {(topic, 0): 2, (topic, 1): 1})
    world.until(lambda: len(member.positions) == 2, member)
    assert member.values((topic, 0)) == [b"c"]
    assert member.values((topic, 1)) == [b"b", b"c"]


def test_several_topics_are_read_together(world: World, topic: str) -> None:
    topics = [f"{topic}.a", f"{topic}.b"]
    for name in topics:
        world.create_topic(name, 1)
        write(world, (name, 0), [name.encode()])
    member = join(world, topic, topics)
    world.until(lambda: len(member.positions) == 2, member)
    assert {name: member.values((name, 0)) for name in topics} == {
        name: [name.encode()] for name in topics
    }


def test_at_the_end_nothing_comes_until_something_is_written(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a"])
    member = join(world, topic, [topic])
    world.until(member.has_position((topic, 0), 1), member)
    n_polls = len(member.polls)
    world.a_while(member)
    assert not any(member.polls[n_polls:])
    write(world, (topic, 0), [b"b"])
    world.until(member.has_position((topic, 0), 2), member)
    assert member.values((topic, 0)) == [b"a", b"b"]


def test_the_position_moves_past_a_hole_at_the_end(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a"])
    world.make_hole((topic, 0))
    member = join(world, topic, [topic])
    world.until(member.has_position((topic, 0), 1 + HOLE), member)
    assert member.values((topic, 0)) == [b"a"]


def test_the_position_moves_where_there_is_nothing_but_a_hole(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    world.make_hole((topic, 0))
    member = join(world, topic, [topic])
    world.until(member.has_position((topic, 0), HOLE), member)
    world.make_hole((topic, 0))
    world.until(member.has_position((topic, 0), 2 * HOLE), member)
    assert member.values((topic, 0)) == []


def test_a_hole_between_records_is_no_record(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a"])
    world.make_hole((topic, 0))
    write(world, (topic, 0), [b"b"])
    member = join(world, topic, [topic])
    world.until(member.has_position((topic, 0), 2 + HOLE), member)
    assert [record.offset for record in member.records[topic, 0]] == [0, 1 + HOLE]


@pytest.mark.parametrize("offset", [0, 1, 2, 3])
def test_seek_goes_on_from_there(world: World, topic: str, offset: int) -> None:
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a", b"b", b"c"])
    member = join(world, topic, [topic])
    world.until(member.has_position((topic, 0), 3), member)
    member.records.clear()
    member.reader.seek((topic, 0), offset)
    write(world, (topic, 0), [b"d"])
    world.until(member.has_position((topic, 0), 4), member)
    assert member.values((topic, 0)) == [b"a", b"b", b"c", b"d"][offset:]


def test_seek_to_what_others_own_is_of_no_effect(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    member = join(world, topic, [topic])
    world.until(lambda: bool(member.owned), member)
    member.reader.seek((topic, 7), 3)
    write(world, (topic, 0), [b"a"])
    world.until(member.has_position((topic, 0), 1), member)


def test_a_paused_partition_yields_nothing_and_loses_nothing(world: World, topic: str) -> None:
    world.create_topic(topic, 2)
    for number in range(2):
        write(world, (topic, number), [b"a"])
    member = join(world, topic, [topic])
    world.until(lambda: len(member.positions) == 2, member)
    member.reader.pause([(topic, 0), (topic, 9)])
    for number in range(2):
        write(world, (topic, number), [b"b", b"c"])
    world.until(member.has_position((topic, 1), 3), member)
    world.a_while(member)
    assert member.values((topic, 0)) == [b"a"]
    member.reader.resume([(topic, 0), (topic, 9)])
    world.until(member.has_position((topic, 0), 3), member)
    assert member.values((topic, 0)) == member.values((topic, 1)) == [b"a", b"b", b"c"]


def test_pause_in_the_middle_of_a_backlog_loses_nothing(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    written: list[bytes | None] = [b"%d" % i for i in range(500)]
    write(world, (topic, 0), written)
    member = join(world, topic, [topic])
    while not member.records:
        member.poll(max_records=10)
    member.reader.pause([(topic, 0)])
    n_read = len(member.records[topic, 0])
    world.a_while(member)
    assert len(member.records[topic, 0]) == n_read
    member.reader.resume([(topic, 0)])
    world.until(member.has_position((topic, 0), 500), member)
    assert member.values((topic, 0)) == written


def test_seek_of_a_paused_partition_holds_once_it_is_resumed(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a", b"b", b"c"])
    member = join(world, topic, [topic])
    world.until(member.has_position((topic, 0), 3), member)
    member.records.clear()
    member.reader.pause([(topic, 0)])
    member.reader.seek((topic, 0), 1)
    world.a_while(member)
    assert member.values((topic, 0)) == []
    member.reader.resume([(topic, 0)])
    world.until(member.has_position((topic, 0), 3), member)
    world.until(lambda: len(member.records[topic, 0]) == 2, member)
    assert member.values((topic, 0)) == [b"b", b"c"]


def test_bounds_of_the_log_are_those_of_now(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    member = join(world, topic, [topic])
    world.until(lambda: bool(member.owned), member)
    reader = member.reader
    assert (reader.start_offset((topic, 0)), reader.end_offset((topic, 0))) == (0, 0)
    write(world, (topic, 0), [b"a", b"b", b"c"])
    world.make_hole((topic, 0))
    world.trim((topic, 0), 2)
    assert (reader.start_offset((topic, 0)), reader.end_offset((topic, 0))) == (2, 3 + HOLE)


@pytest.mark.parametrize("start", [1, 99])
def test_a_position_that_is_gone_is_reported_once(world: World, topic: str, start: int) -> None:
    world.create_topic(topic, 2)
    for number in range(2):
        write(world, (topic, number), [b"a", b"b", b"c"])
    world.trim((topic, 0), 2)
    member = join(world, topic, [topic], {(topic, 0): start})
    world.until(lambda: len(member.out_of_range) > 0, member)
    world.until(member.has_position((topic, 1), 3), member)
    world.a_while(member)
    assert member.out_of_range == [(topic, 0)]
    assert member.values((topic, 0)) == []


def test_seek_heals_a_position_that_is_gone(world: World, topic: str) -> None:
    world.create_topic(topic, 2)
    for number in range(2):
        write(world, (topic, number), [b"a", b"b", b"c"])
    world.trim((topic, 0), 1)
    member = join(world, topic, [topic])
    world.until(lambda: len(member.out_of_range) > 0, member)
    member.reader.seek((topic, 0), member.reader.start_offset((topic, 0)))
    world.until(member.has_position((topic, 0), 3), member)
    world.until(member.has_position((topic, 1), 3), member)
    assert member.values((topic, 0)) == [b"b", b"c"]
    write(world, (topic, 0), [b"d"])
    world.until(member.has_position((topic, 0), 4), member)


def test_records_that_go_while_a_partition_is_paused_leave_the_position_gone(
    world: World, topic: str
) -> None:
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a"])
    member = join(world, topic, [topic])
    world.until(member.has_position((topic, 0), 1), member)
    member.reader.pause([(topic, 0)])
    world.a_while(member)
    write(world, (topic, 0), [b"b", b"c", b"d"])
    world.trim((topic, 0), 3)
    member.reader.resume([(topic, 0)])
    world.until(lambda: member.out_of_range == [(topic, 0)], member)
