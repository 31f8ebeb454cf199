"""What a group stores."""

from __future__ import annotations

from stream_drift.runtime.transport import Committed
from tests.contracts.worlds import World, join, write

LONGEST = "é" * 4095
"""As much as Kafka takes: fewer characters than `offset.metadata.max.bytes` (4096)."""


def test_a_commit_comes_back_with_its_text(world: World, topic: str) -> None:
    world.create_topic(topic, 3)
    first = join(world, topic, [topic])
    world.until(lambda: len(first.owned) == 3, first)
    offsets = {(topic, 0): Committed(7, ""), (topic, 1): Committed(0, LONGEST)}
    assert first.reader.commit_now(offsets)
    assert first.reader.committed([(topic, n) for n in range(3)]) == offsets
    first.reader.close()
    second = world.reader(topic)
    assert second.committed([(topic, 1)]) == {(topic, 1): Committed(0, LONGEST)}


def test_a_commit_that_does_not_wait_is_stored_soon(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    member = join(world, topic, [topic])
    world.until(lambda: bool(member.owned), member)
    member.reader.commit({(topic, 0): Committed(1, "a")})
    member.reader.commit({(topic, 0): Committed(2, "b")})
    stored = {(topic, 0): Committed(2, "b")}
    world.until(lambda: member.reader.committed([(topic, 0)]) == stored, member)


def test_a_commit_may_go_back(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    member = join(world, topic, [topic])
    world.until(lambda: bool(member.owned), member)
    for offset in (5, 3):
        assert member.reader.commit_now({(topic, 0): Committed(offset, "")})
    assert member.reader.committed([(topic, 0)]) == {(topic, 0): Committed(3, "")}


def test_what_is_not_owned_is_not_committed(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    member = join(world, topic, [topic])
    world.until(lambda: bool(member.owned), member)
    member.reader.commit_now({(topic, 1): Committed(5, "")})
    stranger = world.reader(topic)
    stranger.commit_now({(topic, 0): Committed(5, "")})
    stranger.commit({(topic, 0): Committed(5, "")})
    world.a_while(member)
    assert member.reader.committed([(topic, 0), (topic, 1)]) == {}


def test_a_text_that_is_too_long_is_refused(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    member = join(world, topic, [topic])
    world.until(lambda: bool(member.owned), member)
    assert not member.reader.commit_now({(topic, 0): Committed(1, LONGEST + "x")})
    assert member.reader.committed([(topic, 0)]) == {}


def test_groups_do_not_see_each_other(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a"])
    members = [join(world, f"{topic}.{name}", [topic]) for name in "xy"]
    world.until(lambda: all(member.records for member in members), *members)
    assert members[0].reader.commit_now({(topic, 0): Committed(1, "")})
    assert members[1].reader.committed([(topic, 0)]) == {}
