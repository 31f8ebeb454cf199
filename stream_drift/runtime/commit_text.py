"""What the profile group stores beside an offset: where each monitor's open block began."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping

from stream_drift.engine.profiler import Cut

ENTRY = struct.Struct(">Iqq")
NO_EVENT = -(2**63)


def monitor_hash(monitor: str) -> int:
    """Four bytes that stand for the monitor in a commit."""
    return zlib.crc32(monitor.encode())


def encode_commit(topic_id: str, cuts: Mapping[str, Cut]) -> str:
    """The cuts of all monitors of one partition, and which topic they are of."""
    packed = struct.pack(">I", zlib.crc32(topic_id.encode()))
    for monitor, cut in sorted(cuts.items()):
        greatest = NO_EVENT if cut.greatest_event_ms is None else cut.greatest_event_ms
        packed += ENTRY.pack(monitor_hash(monitor), cut.block_start, greatest)
    return base64.b85encode(packed).decode()


def decode_commit(text: str, topic_id: str) -> dict[int, Cut]:
    """Cuts by monitor hash; none where the text is not ours or is of another topic."""
    try:
        packed = base64.b85decode(text)
    except ValueError:
        return {}
    identity = struct.pack(">I", zlib.crc32(topic_id.encode()))
    if packed[:4] != identity or (len(packed) - 4) % ENTRY.size:
        return {}
    return {
        name: Cut(start, None if greatest == NO_EVENT else greatest)
        for name, start, greatest in ENTRY.iter_unpack(packed[4:])
    }
