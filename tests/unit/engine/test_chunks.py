from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_drift.engine import chunks
from stream_drift.engine.chunks import MAX_CHUNK_BYTES, MAX_UNFINISHED, Joiner, split
from stream_drift.errors import WireFormatError


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MAX_CHUNK_BYTES", 3)


def joined(parts: list[bytes], joiner: Joiner | None = None) -> list[bytes]:
    joiner = joiner or Joiner()
    return [whole for part in parts if (whole := joiner.add(part)) is not None]


@pytest.mark.parametrize(
    ("size", "n_parts"),
    [(0, 1), (1, 1), (MAX_CHUNK_BYTES, 1), (MAX_CHUNK_BYTES + 1, 2), (3 * MAX_CHUNK_BYTES, 3)],
)
def test_a_record_is_cut_where_a_topic_takes_no_more(size: int, n_parts: int) -> None:
    data = bytes(size)
    parts = split(data)
    assert len(parts) == n_parts
    assert max(map(len, parts)) < MAX_CHUNK_BYTES + 50
    assert joined(parts) == [data]


@pytest.mark.usefixtures("small")
def test_parts_may_come_in_any_order_and_among_others() -> None:
    one, other = split(b"abcdefgh"), split(b"ABCDEFGH")
    mixed = [other[2], one[1], one[0], other[0], one[2], other[1]]
    assert joined(mixed) == [b"abcdefgh", b"ABCDEFGH"]


@pytest.mark.usefixtures("small")
def test_a_repeated_part_neither_completes_nor_spoils_a_set() -> None:
    first, second = split(b"abcdef")
    assert joined([first, first, second]) == [b"abcdef"]


@pytest.mark.usefixtures("small")
def test_two_writers_of_one_record_complete_each_other() -> None:
    dead, alive = split(b"abcdef"), split(b"abcdef")
    assert joined([dead[0], alive[0], alive[1], dead[1]]) == [b"abcdef"]


@pytest.mark.usefixtures("small")
@given(cut=st.integers(0, 6))
def test_unfinished_sets_survive_a_checkpoint(cut: int) -> None:
    one, other = split(b"abcdefgh"), split(b"ABCDEFGH")
    parts = [one[0], other[1], one[2], other[0], one[1], other[2]]
    before, after = Joiner(), Joiner()
    found = joined(parts[:cut], before)
    assert joined(before.unfinished(), after) == []
    assert found + joined(parts[cut:], after) == [b"abcdefgh", b"ABCDEFGH"]


@pytest.mark.usefixtures("small")
def test_what_dead_writers_left_is_given_up_oldest_first() -> None:
    sets = [split(f"{i:06}".encode()) for i in range(MAX_UNFINISHED + 1)]
    joiner = Joiner()
    assert joined([parts[0] for parts in sets], joiner) == []
    assert joined([sets[-1][1], sets[1][1]], joiner) == [f"{MAX_UNFINISHED:06}".encode(), b"000001"]
    assert joined([sets[0][1]], joiner) == []


@pytest.mark.parametrize("part", [b"", b"\xc1", b"\x93\x01\x02\x03", b"plain text"])
def test_something_else_is_told_as_such(part: bytes) -> None:
    with pytest.raises(WireFormatError, match="not a part"):
        Joiner().add(part)


@pytest.mark.parametrize("place", range(6))
def test_a_damaged_stretch_is_found(place: int) -> None:
    [part] = split(b"abcdef")
    at = len(part) - 6 + place
    damaged = part[:at] + bytes([part[at] ^ 1]) + part[at + 1 :]
    with pytest.raises(WireFormatError, match="not what was written"):
        Joiner().add(damaged)


@pytest.mark.usefixtures("small")
def test_parts_with_impossible_numbers_make_no_whole() -> None:
    identity, _, n, stretch = msgspec.msgpack.decode(split(b"abcdef")[1])
    foreign = msgspec.msgpack.encode([identity, 7, n, stretch])
    with pytest.raises(WireFormatError, match="not what was written"):
        joined([foreign, split(b"abcdef")[1]])
