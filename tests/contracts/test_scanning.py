"""Reading stretches of a partition."""

from __future__ import annotations

import pytest

from stream_drift.runtime.transport import Committed
from tests.contracts.worlds import HOLE, World, join, write


@pytest.fixture
def stretch(world: World, topic: str) -> tuple[str, int]:
    """``a`` and ``b`` trimmed, ``c d e``, a hole, ``f``, a hole."""
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a", b"b", b"c", b"d", b"e"])
    world.make_hole((topic, 0))
    write(world, (topic, 0), [b"f"])
    world.make_hole((topic, 0))
    world.trim((topic, 0), 2)
    return topic, 0


F = 5 + HOLE
"""Where ``f`` is."""


STRETCHES: dict[tuple[int | None, int | None], bytes] = {
    (None, None): b"cdef",
    (0, None): b"cdef",
    (2, 5): b"cde",
    (3, 4): b"d",
    (3, 3): b"",
    (4, 3): b"",
    (4, F): b"e",
    (4, F + 1): b"ef",
    (5, F): b"",
    (F, None): b"f",
    (F + 1, None): b"",
    (None, 999): b"cdef",
    (999, None): b"",
}


def test_scan_yields_what_is_in_the_stretch(world: World, stretch: tuple[str, int]) -> None:
    scanner = world.scanner()
    found = {ends: list(scanner.scan(stretch, *ends)) for ends in STRETCHES}
    values = {ends: b"".join(record.value or b"" for record in found[ends]) for ends in found}
    assert values == STRETCHES
    assert [record.offset for record in found[None, None]] == [2, 3, 4, F]


def test_an_empty_partition_has_nothing(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    scanner = world.scanner()
    assert list(scanner.scan((topic, 0))) == []
    assert scanner.end_offset((topic, 0)) == 0


def test_the_end_is_past_holes(world: World, stretch: tuple[str, int]) -> None:
    assert world.scanner().end_offset(stretch) == F + 1 + HOLE


def test_a_scan_ends_at_the_end_of_its_beginning(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a", b"b"])
    records = world.scanner().scan((topic, 0))
    assert next(records).value == b"a"
    write(world, (topic, 0), [b"c"])
    assert [record.value for record in records] == [b"b"]


def test_scans_may_be_interleaved_and_left(world: World, topic: str) -> None:
    world.create_topic(topic, 2)
    write(world, (topic, 0), [b"a", b"b"])
    write(world, (topic, 1), [b"x", b"y"])
    scanner = world.scanner()
    pairs = zip(scanner.scan((topic, 0)), scanner.scan((topic, 1)), strict=True)
    assert [(left.value, right.value) for left, right in pairs] == [(b"a", b"x"), (b"b", b"y")]
    assert next(scanner.scan((topic, 0))).value == b"a"


def test_a_scan_disturbs_no_group(world: World, topic: str) -> None:
    world.create_topic(topic, 1)
    write(world, (topic, 0), [b"a"])
    member = join(world, topic, [topic])
    world.until(member.has_position((topic, 0), 1), member)
    member.happened.clear()
    assert member.reader.commit_now({(topic, 0): Committed(1, "kept")})
    assert len(list(world.scanner().scan((topic, 0)))) == 1
    world.a_while(member)
    assert member.happened == []
    assert member.reader.committed([(topic, 0)]) == {(topic, 0): Committed(1, "kept")}


def test_close_may_be_repeated(world: World) -> None:
    scanner = world.scanner()
    scanner.close()
    scanner.close()
