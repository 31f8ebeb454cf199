from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_drift.engine.wire import VERSION, decode_record, encode_record
from stream_drift.errors import WireFormatError
from stream_drift.events.record import PartitionId
from stream_drift.profiles.layout import CategoryLayout, Layout
from stream_drift.profiles.profile import Profile
from stream_drift.profiles.sample import Sample, SampledRow
from stream_drift.windows.log import Command, Ledger, LogRecord, Lost, Progress, Snapshot

AT = PartitionId("orders", "id", 3)
LAYOUT = Layout((), (CategoryLayout("c", ("red",), ()),), 60_000)
SAMPLE = Sample(("c",), 0.5, (SampledRow(7, 60_001, 2**64 - 1, b"identity", ("red",)),))
RECORDS: list[LogRecord] = [
    Snapshot(AT, 5, 9, 60_000, Profile.empty(LAYOUT)),
    Snapshot(AT, 5, 9, 60_000, Profile.empty(LAYOUT), SAMPLE),
    Ledger(AT, 5, 9, 3, 1, {"decode": 1}, {60_000: 2}),
    Lost(AT, 5, 9),
    Progress(AT, 4, 9, None),
    Progress(AT, 4, 9, -30_000, 1),
    Command("mute", "eve", "", {"for_ms": "60000"}),
]


@pytest.mark.parametrize("record", RECORDS)
def test_every_record_comes_back(record: LogRecord) -> None:
    assert decode_record(encode_record(record), LAYOUT) == record


def test_equal_records_are_equal_bytes() -> None:
    one = Ledger(AT, 5, 9, 3, 1, {"decode": 1, "no_time": 2}, {60_000: 2, 0: 1})
    other = Ledger(AT, 5, 9, 3, 1, {"no_time": 2, "decode": 1}, {0: 1, 60_000: 2})
    assert encode_record(one) == encode_record(other)


@pytest.mark.parametrize("data", [b"", bytes([VERSION + 1]) + b"\x90"])
def test_another_version_is_told_as_such(data: bytes) -> None:
    with pytest.raises(WireFormatError, match=f"this program reads {VERSION}"):
        decode_record(data, LAYOUT)


WHERE = ["orders", "id", 3]


@pytest.mark.parametrize(
    "body",
    [
        [], 7, [None], [[1]], [9, WHERE], [1, WHERE, 5, 9, 0], [3, WHERE, 5, "nine"],
        [3, ["orders", ["id"], 3], 5, 9], [4, WHERE, 4, 9, None, "now"],
        [2, WHERE, 5, 9, 3, 1, {}, []], [5, "mute", "eve", "", "for ever"],
        [1, WHERE, 5, 9, 0, [None, []], None], [1, WHERE, 5, 9, 0, [2**63, []], None],
    ],
)  # fmt: skip
def test_a_damaged_record_is_told_as_such(body: object) -> None:
    data = bytes([VERSION]) + msgspec.msgpack.encode(body)
    with pytest.raises(WireFormatError, match="damaged"):
        decode_record(data, LAYOUT)


@given(st.sampled_from(RECORDS), st.data())
def test_no_bytes_end_the_reader(record: LogRecord, data: st.DataObject) -> None:
    damaged = bytearray(encode_record(record))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(1, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode_record(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]), LAYOUT)
    except WireFormatError as error:
        assert str(error)  # noqa: PT017 - any other error fails the test
