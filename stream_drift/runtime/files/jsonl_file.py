"""Lines of a JSONL file, untouched: what is wrong with one is for the decoder to say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

BLOCK_BYTES = 1 << 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_lines(stream: BinaryIO) -> Iterator[list[bytes]]:
    """All lines that are not blank, in lists as they come off the disk."""
    first, started = True, []
    while block := stream.read(BLOCK_BYTES):
        if first:
            block, first = block.removeprefix(BYTE_ORDER_MARK), False
        head, newline, rest = block.rpartition(b"\n")
        if not newline:
            started.append(block)
            continue
        lines = b"".join((*started, head)).split(b"\n")
        started = [rest]
        yield _without_blank(lines)
    yield _without_blank([b"".join(started)])


def _without_blank(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if line and not line.isspace()]
