"""Records that were written once are read for ever, and written the same."""

from __future__ import annotations

import pytest

from stream_drift.engine.wire import decode_record, encode_record
from tests.golden.log.examples import FOLDER, LAYOUT, RECORDS


@pytest.mark.parametrize("name", RECORDS)
def test_the_committed_bytes_are_read(name: str) -> None:
    assert decode_record((FOLDER / f"{name}.v1.bin").read_bytes(), LAYOUT) == RECORDS[name]


@pytest.mark.parametrize("name", RECORDS)
def test_the_committed_bytes_are_written(name: str) -> None:
    assert encode_record(RECORDS[name]) == (FOLDER / f"{name}.v1.bin").read_bytes()


def test_no_file_is_left_unread() -> None:
    assert {path.name for path in FOLDER.glob("*.bin")} == {f"{name}.v1.bin" for name in RECORDS}
