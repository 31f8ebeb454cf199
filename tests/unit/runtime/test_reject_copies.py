from __future__ import annotations

from stream_drift.engine.effects import CopyReject
from stream_drift.runtime.memory.log import MemoryLog
from stream_drift.runtime.reject_copies import MAX_COPIES_PER_SECOND, MAX_COPY_BYTES, RejectCopies
from stream_drift.runtime.reject_watch import MIN_RECORDS, SPAN_MS, RejectWatch
from stream_drift.runtime.transport import StoredRecord


class Desk:
    """Copies into a log in memory."""

    def __init__(self, n_partitions: int = 2) -> None:
        self.now_ms = 0
        self.log = MemoryLog(lambda: self.now_ms)
        self.log.create_topic("rejects", 2)
        self.writer = self.log.writer()
        self.copies = RejectCopies("rejects", n_partitions, self.writer, lambda: self.now_ms)

    def reject(self, value: bytes | None = b"{", partition: int = 0) -> None:
        reject = CopyReject("in", partition, 7, "decode", "no end", b"key", value)
        self.copies.send("hotel", reject)

    def copied(self, number: int = 0) -> list[StoredRecord]:
        assert self.writer.flush(1)
        return list(self.log.scanner().scan(("rejects", number)))


def test_a_copy_holds_the_original_bytes_and_says_why() -> None:
    desk = Desk()
    desk.reject(b"\xff{")
    (record,) = desk.copied()
    assert (record.key, record.value) == (b"key", b"\xff{")
    assert dict(record.headers) == {
        "streamdrift.monitor": b"hotel",
        "streamdrift.topic": b"in",
        "streamdrift.partition": b"0",
        "streamdrift.offset": b"7",
        "streamdrift.reason": b"decode",
        "streamdrift.detail": b"no end",
    }


def test_a_tombstone_is_copied_as_one() -> None:
    desk = Desk()
    desk.reject(None)
    assert [record.value for record in desk.copied()] == [None]


def test_so_many_are_copied_per_second_and_partition_and_the_others_counted() -> None:
    desk = Desk()
    for partition in (0, 1):
        for _ in range(MAX_COPIES_PER_SECOND + 5):
            desk.reject(partition=partition)
    assert [len(desk.copied(number)) for number in (0, 1)] == [MAX_COPIES_PER_SECOND] * 2
    assert (desk.copies.copied["in"], desk.copies.not_copied["in"]) == (200, 10)
    desk.now_ms = 1_000
    desk.reject()
    assert len(desk.copied()) == MAX_COPIES_PER_SECOND + 1


def test_a_long_value_is_cut_and_its_length_told() -> None:
    desk = Desk()
    desk.reject(bytes(MAX_COPY_BYTES + 1))
    (record,) = desk.copied()
    assert len(record.value or b"") == MAX_COPY_BYTES
    assert dict(record.headers)["streamdrift.cut_from_bytes"] == b"500001"


def test_without_a_topic_for_them_nothing_is_copied() -> None:
    desk = Desk(n_partitions=0)
    desk.reject()
    assert desk.copied() == []
    assert desk.copies.not_copied["in"] == 1


def watched(*batches: tuple[int, int, int]) -> list[str]:
    watch = RejectWatch()
    for now_ms, n_events, n_rejected in batches:
        watch.note("in", n_events, n_rejected, now_ms)
    return watch.problems()


def test_nearly_all_rejected_is_a_problem() -> None:
    (problem,) = watched((0, 5, MIN_RECORDS))
    assert "records of topic 'in' are rejected" in problem


def test_many_or_few_rejects_are_none() -> None:
    assert watched((0, MIN_RECORDS, MIN_RECORDS)) == []
    assert watched((0, 0, MIN_RECORDS - 1)) == []


def test_good_records_end_the_problem() -> None:
    assert watched((0, 0, MIN_RECORDS), (SPAN_MS + 1, MIN_RECORDS, 0)) == []
