"""Records larger than a topic takes: cut into numbered parts, and put together again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field

import msgspec

from stream_drift.errors import WireFormatError

MAX_CHUNK_BYTES = 512_000
MAX_UNFINISHED = 256
"""Sets of parts kept while some are missing; the oldest is given up (its writer died)."""


def split(data: bytes) -> list[bytes]:
    """The parts of ``data``, each with its id, place, number and a stretch of bytes."""
    identity = _identity(data)
    stretches = [
        data[i : i + MAX_CHUNK_BYTES] for i in range(0, max(len(data), 1), MAX_CHUNK_BYTES)
    ]
    return [
        msgspec.msgpack.encode([identity, i, len(stretches), stretch])
        for i, stretch in enumerate(stretches)
    ]


def _identity(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=8).digest()


@dataclass(slots=True)
class Joiner:
    """Collects parts; only a full set counts, and only if it gives the data that was cut."""

    _unfinished: OrderedDict[bytes, tuple[int, dict[int, bytes]]] = field(
        default_factory=OrderedDict
    )

    def add(self, part: bytes) -> bytes | None:
        """The whole data, once its last missing part is there.

        Raises
        ------
        WireFormatError
            Where the bytes are no part, or the parts are damaged.
        """
        try:
            identity, i, n, stretch = msgspec.msgpack.decode(
                part, type=tuple[bytes, int, int, bytes]
            )
        except msgspec.DecodeError as error:
            message = f"not a part of a record: {error}"
            raise WireFormatError(message) from error
        if n == 1:
            return _checked(identity, stretch)
        _, known = self._unfinished.setdefault(identity, (n, {}))
        known[i] = stretch
        if len(known) < n:
            while len(self._unfinished) > MAX_UNFINISHED:
                self._unfinished.popitem(last=False)
            return None
        del self._unfinished[identity]
        return _checked(identity, b"".join(stretch for _, stretch in sorted(known.items())))

    def unfinished(self) -> list[bytes]:
        """The parts whose sets are not full, as `add` takes them."""
        return [
            msgspec.msgpack.encode([identity, i, n, stretch])
            for identity, (n, parts) in self._unfinished.items()
            for i, stretch in sorted(parts.items())
        ]


def _checked(identity: bytes, data: bytes) -> bytes:
    if _identity(data) != identity:
        message = f"damaged record of {len(data)} bytes: it is not what was written"
        raise WireFormatError(message)
    return data
