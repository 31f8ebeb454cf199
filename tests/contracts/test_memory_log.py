"""What the log in memory can bring about at will, and a broker only by chance."""

from __future__ import annotations

import pytest

from stream_drift.errors import BrokerError
from stream_drift.runtime.memory.group import spread
from stream_drift.runtime.memory.log import MemoryLog
from stream_drift.runtime.transport import Ack, Committed
from tests.contracts.member import Member

P0, P1 = ("t", 0), ("t", 1)


@pytest.fixture
def log() -> MemoryLog:
    log = MemoryLog(lambda: 1000)
    log.create_topic("t", 2)
    return log


def member_of(log: MemoryLog, group: str = "g") -> Member:
    member = Member(log.reader(group), {})
    member.reader.subscribe(["t"], member)
    return member


def test_records_wait_in_the_writer_until_they_are_delivered(log: MemoryLog) -> None:
    acks: list[Ack] = []
    writer, scanner = log.writer(), log.scanner()
    for value in (b"a", b"b", b"c"):
        writer.send("t", 0, None, value, on_ack=acks.append)
    assert scanner.end_offset(P0) == 0
    writer.deliver(2)
    assert (scanner.end_offset(P0), len(acks)) == (2, 2)
    writer.close()
    assert writer.flush(0)
    assert scanner.end_offset(P0) == 2


def test_a_process_that_sleeps_between_send_and_flush_sends_when_it_wakes(log: MemoryLog) -> None:
    zombie, heir = log.writer(), log.writer()
    zombie.send("t", 0, None, b"late")
    heir.send("t", 0, None, b"early")
    assert heir.flush(0)
    assert zombie.flush(0)
    assert [record.value for record in log.scanner().scan(P0)] == [b"early", b"late"]


def test_a_writer_may_have_a_clock_of_its_own(log: MemoryLog) -> None:
    log.create_topic("created", 1, append_time=False)
    writer = log.writer(lambda: 7)
    for topic in ("t", "created"):
        writer.send(topic, 0, None, b"a")
    assert writer.flush(0)
    log.append(("created", 0), b"b", create_time_ms=9)
    log.append(("created", 0), b"c")
    log.extend(("created", 0), [b"d", None], [3, 4])
    log.extend(P0, [b"d", None], [3, 4])
    scanner = log.scanner()
    times = [record.timestamp_ms for record in scanner.scan(("created", 0))]
    assert times == [7, 9, 1000, 3, 4]
    assert [record.timestamp_ms for record in scanner.scan(P0)] == [1000] * 3


def test_a_topic_replaced_unnoticed_is_read_on_at_the_old_position(log: MemoryLog) -> None:
    log.extend(P0, [b"a", b"b"], [0, 0])
    member = member_of(log)
    member.poll()
    before = member.reader.topics(["t"])
    log.replace_topic_unnoticed("t", 2)
    log.extend(P0, [b"x", b"y", b"z"], [0, 0, 0])
    member.poll()
    assert member.values(P0) == [b"a", b"b", b"z"]
    assert member.reader.topics(["t"]) != before
    member_of(log).reader.close()
    member.poll()
    assert member.happened[1:] == [
        ("revoked", frozenset({P0, P1})),
        ("assigned", frozenset({P0, P1})),
    ]
    assert member.values(P0) == [b"a", b"b", b"z", b"x", b"y", b"z"]


def test_a_topic_deleted_and_made_again_between_two_polls_is_another_log(log: MemoryLog) -> None:
    member = member_of(log)
    member.poll()
    assert member.reader.commit_now({P0: Committed(5, "")})
    log.delete_topic("t")
    log.create_topic("t", 1)
    member.poll()
    assert [kind for kind, _ in member.happened] == ["assigned", "revoked", "assigned"]
    assert member.owned == {P0}
    assert member.reader.committed([P0]) == {}


def test_what_does_not_exist_is_a_broker_error(log: MemoryLog) -> None:
    reader, scanner = log.reader("g"), log.scanner()
    for ask in (reader.start_offset, reader.end_offset, scanner.end_offset):
        with pytest.raises(BrokerError, match=r"none\[0\]"):
            ask(("none", 0))


def test_partitions_of_a_topic_that_is_gone_yield_nothing(log: MemoryLog) -> None:
    member = member_of(log)
    member.poll()
    log.replace_topic_unnoticed("t", 1)
    log.append(P0, b"a")
    member.poll()
    assert member.positions == {P0: 1}


def test_the_same_schedule_gives_the_same_answers() -> None:
    def run() -> list[object]:
        log = MemoryLog(lambda: 0)
        log.create_topic("t", 7)
        members = [member_of(log) for _ in range(3)]
        for round_ in range(12):
            log.extend(("t", round_ % 7), [b"%d" % round_] * round_, [0] * round_)
            for member in members:
                member.poll(max_records=5)
            if round_ == 5:
                members[1].reader.close()
        return [(member.happened, dict(member.records)) for member in members]

    assert run() == run()


def test_members_of_different_topics_get_only_those() -> None:
    partitions = [("a", 0), ("a", 1), ("b", 0)]
    shares = spread(partitions, {1: {"a"}, 2: {"a", "b"}}, {("b", 0): 1, ("a", 0): 2, ("a", 1): 2})
    assert shares == {("a", 0): 2, ("a", 1): 1, ("b", 0): 2}
    assert spread(partitions, {1: {"b"}}, {}) == {("b", 0): 1}
    assert spread(partitions, {}, {("a", 0): 9}) == {}
