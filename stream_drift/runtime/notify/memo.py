"""What a channel remembers beside its committed offset: atomic with it, and bounded by Kafka."""

from __future__ import annotations

import msgspec

MOST_CHARACTERS = 4_000
"""Kafka keeps fewer than 4096."""
MOST_OWED = 120
"""Ids of 16 characters, in quotes and with a comma: about half of the room."""


class Memo(msgspec.Struct, omit_defaults=True):
    """Short names, because room is scarce.

    Attributes
    ----------
    n
        Incidents whose last alert is still owed and of which nothing was told yet.
    o
        Incidents whose last alert is still owed, told of before.
    m
        Marks of the channel by incident, oldest first.
    """

    n: list[str] = []
    o: list[str] = []
    m: dict[str, str] = {}


def encode_memo(memo: Memo) -> str:
    """As short text; marks that find no room are forgotten, the oldest first.

    Examples
    --------
    >>> encode_memo(Memo())
    ''
    >>> encode_memo(Memo(n=["a"], m={"b": "1.5"}))
    '{"n":["a"],"m":{"b":"1.5"}}'
    """
    if memo == Memo():
        return ""
    while len(text := msgspec.json.encode(memo).decode()) > MOST_CHARACTERS and memo.m:
        memo = Memo(memo.n, memo.o, dict(list(memo.m.items())[1:]))
    return text


def decode_memo(text: str) -> Memo:
    """Nothing where the text is not ours.

    Examples
    --------
    >>> decode_memo('{"n":["a"]}').n, decode_memo("?").n
    (['a'], [])
    """
    try:
        return msgspec.json.decode(text, type=Memo)
    except msgspec.DecodeError:
        return Memo()
