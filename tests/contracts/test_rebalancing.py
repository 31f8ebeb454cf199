"""Who owns what, and how members learn of it."""

from __future__ import annotations

from stream_drift.runtime.transport import Committed
from tests.contracts.member import Member
from tests.contracts.worlds import World, join, write


def shared(n_partitions: int, *members: Member) -> bool:
    """Whether the members own all partitions, each one exactly once and as even as can be."""
    counts = [len(member.owned) for member in members]
    everything = set().union(*(member.owned for member in members))
    return len(everything) == sum(counts) == n_partitions and max(counts) - min(counts) <= 1


def test_the_only_member_gets_everything(world: World, topic: str) -> None:
    world.create_topic(topic, 3)
    member = join(world, topic, [topic])
    assert member.happened == []
    world.until(lambda: shared(3, member), member)
    assert {kind for kind, _ in member.happened} == {"assigned"}


def test_nothing_happens_outside_of_polls(world: World, topic: str) -> None:
    world.create_topic(topic, 2)
    member = join(world, topic, [topic])
    world.until(lambda: shared(2, member), member)
    other = join(world, topic, [topic])
    world.a_while(other)
    assert len(member.happened) == 1


def test_only_what_moves_is_taken_away(world: World, topic: str) -> None:
    world.create_topic(topic, 4)
    first = join(world, topic, [topic])
    world.until(lambda: shared(4, first), first)
    first.happened.clear()
    second = join(world, topic, [topic])
    world.until(lambda: shared(4, first, second), first, second)
    world.a_while(first, second)
    assert first.happened == [("revoked", frozenset(second.owned))]
    assert second.happened == [("assigned", frozenset(second.owned))]


def test_what_stays_is_read_on_without_a_gap(world: World, topic: str) -> None:
    world.create_topic(topic, 4)
    first = join(world, topic, [topic])
    world.until(lambda: shared(4, first), first)
    for number in range(4):
        write(world, (topic, number), [b"a", b"b"])
    world.until(lambda: len(first.positions) == 4, first)
    second = join(world, topic, [topic], {(topic, number): 2 for number in range(4)})
    world.until(lambda: shared(4, first, second), first, second)
    for number in range(4):
        write(world, (topic, number), [b"c"])
    world.until(lambda: len(second.records) == 2, first, second)
    world.until(lambda: all(first.positions[at] == 3 for at in first.owned), first, second)
    assert all(first.values(at) == [b"a", b"b", b"c"] for at in first.owned)
    assert all(second.values(at) == [b"c"] for at in second.owned)


def test_who_leaves_gives_back_all(world: World, topic: str) -> None:
    world.create_topic(topic, 4)
    first, second = (join(world, topic, [topic]) for _ in range(2))
    world.until(lambda: shared(4, first, second), first, second)
    had = frozenset(second.owned)
    second.happened.clear()
    second.reader.close()
    assert second.happened == [("revoked", had)]
    world.until(lambda: shared(4, first), first)
    second.reader.close()
    assert second.happened == [("revoked", had)]


def test_commits_made_while_giving_away_still_count(world: World, topic: str) -> None:
    world.create_topic(topic, 4)
    first = join(world, topic, [topic])
    world.until(lambda: shared(4, first), first)
    first.commit_on_revoke = Committed(3, "on the way out")
    second = join(world, topic, [topic])
    world.until(lambda: shared(4, first, second), first, second)
    stored = second.reader.committed(sorted(second.owned))
    assert stored == dict.fromkeys(second.owned, first.commit_on_revoke)
    first.reader.close()
    world.until(lambda: shared(4, second), second)
    assert len(second.reader.committed(sorted(second.owned))) == 4


def test_a_member_given_up_learns_that_all_was_lost(world: World, topic: str) -> None:
    world.create_topic(topic, 2)
    zombie = join(world, topic, [topic])
    world.until(lambda: shared(2, zombie), zombie)
    zombie.happened.clear()
    had = frozenset(zombie.owned)
    world.give_up(zombie)
    heir = join(world, topic, [topic])
    world.until(lambda: heir.owned == had, heir)

    assert not zombie.reader.commit_now(dict.fromkeys(had, Committed(9, "")))
    assert heir.reader.committed(sorted(had)) == {}
    world.until(lambda: shared(2, zombie, heir), zombie, heir)
    assert zombie.happened[0] == ("lost", had)
    assert zombie.told("revoked") == []


def test_a_member_given_up_may_close(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    zombie = join(world, topic, [topic])
    world.until(lambda: shared(1, zombie), zombie)
    world.give_up(zombie)
    zombie.reader.close()
    assert zombie.owned == set()


def test_new_partitions_are_found_while_running(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    member = join(world, topic, [topic])
    world.until(lambda: shared(1, member), member)
    world.add_partitions(topic, 3)
    world.until(lambda: shared(3, member), member)
    assert ("revoked", frozenset({(topic, 0)})) not in member.happened
    write(world, (topic, 2), [b"a"])
    world.until(member.has_position((topic, 2), 1), member)


def test_a_topic_made_later_is_found(world: World, topic: str) -> None:
    member = join(world, topic, [topic])
    world.a_while(member)
    assert member.happened == []
    world.create_topic(topic, 2)
    world.until(lambda: shared(2, member), member)


def test_a_topic_made_again_is_read_from_its_own_start(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a", b"b"])
    member = join(world, topic, [topic])
    world.until(member.has_position((topic, 0), 2), member)
    assert member.reader.commit_now({(topic, 0): Committed(2, "")})
    world.delete_topic(topic)
    world.until(lambda: member.owned == set(), member)
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"c"], world.writer())
    world.until(member.has_position((topic, 0), 1), member)
    assert member.values((topic, 0)) == [b"a", b"b", b"c"]
    assert member.reader.committed([(topic, 0)]) == {}


def test_a_member_without_partitions_polls_in_vain(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    members = [join(world, topic, [topic]) for _ in range(2)]
    world.until(lambda: sum(len(member.owned) for member in members) == 1, *members)
    world.a_while(*members)
    assert sorted(len(member.owned) for member in members) == [0, 1]
