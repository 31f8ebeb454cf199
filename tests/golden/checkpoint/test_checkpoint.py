"""A checkpoint that was written once is taken up by every later program."""

from __future__ import annotations

import msgspec
import pytest

from stream_drift.engine.checkpoint import encode_checkpoint, restore_checkpoint
from stream_drift.errors import WireFormatError
from tests.golden.checkpoint.examples import (
    FILE,
    N_BEFORE,
    RECORDS,
    applied,
    closed_panes,
    fresh,
)


def test_a_detector_goes_on_from_the_committed_checkpoint() -> None:
    whole, restored = fresh(), fresh()
    before = applied(whole, 0, N_BEFORE)
    assert restore_checkpoint(restored, FILE.read_bytes()) == []
    restored.feed(closed_panes(restored))
    after = applied(whole, N_BEFORE, len(RECORDS))
    assert applied(restored, N_BEFORE, len(RECORDS)) == after
    assert len(before) >= 3
    assert len(after) >= 3


@pytest.mark.parametrize("cut", range(len(RECORDS) + 1))
def test_a_detector_goes_on_from_any_place(cut: int) -> None:
    whole, first, second = fresh(), fresh(), fresh()
    told = applied(first, 0, cut)
    restore_checkpoint(second, encode_checkpoint(first))
    second.sums, second.last_pane_end_ms = first.sums, first.last_pane_end_ms
    assert encode_checkpoint(second) == encode_checkpoint(first)
    assert told + applied(second, cut, len(RECORDS)) == applied(whole, 0, len(RECORDS))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode({"version": 1}),
        msgspec.msgpack.encode({"version": 99}),
        FILE.read_bytes()[:-1],
    ],
)
def test_what_cannot_be_read_leaves_the_detector_fresh(data: bytes) -> None:
    detector = fresh()
    with pytest.raises(WireFormatError, match="checkpoint"):
        restore_checkpoint(detector, data)
    assert encode_checkpoint(detector) == encode_checkpoint(fresh())
