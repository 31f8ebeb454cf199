"""What becomes of every kind of record that is not as it should be."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import dataclass

import pytest

from stream_drift.events.category import category_text
from stream_drift.events.columns import (
    INVALID,
    INVALID_CATEGORY,
    NOT_FINITE,
    REJECT_REASONS,
    Columns,
)
from stream_drift.events.decode import Decoder
from tests.unit.events.building import NOW_MS, as_json, batch, mapping

MAPPING = mapping(
    numbers=("amount", "price.adr"), categories=("country",), event_id="booking", time="at"
)
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Rejected:
    reason: str


@dataclass(frozen=True)
class Counted:
    """The cells of an event; what is not said is as in a good one. None is missing."""

    amount: float | None = 12.5
    adr: float | None = 80.0
    country: object = "PRT"
    booking: str = "b-1"
    ahead_ms: int = 0


def event(**changed: object) -> bytes:
    good: dict[str, object] = {
        "booking": "b-1", "at": NOW_MS, "amount": 12.5, "price": {"adr": 80}, "country": "PRT",
    }  # fmt: skip
    return as_json(**(good | changed))


def event_without(key: str) -> bytes:
    return json.dumps({k: v for k, v in json.loads(event()).items() if k != key}).encode()


def event_with(key: str, literal: bytes) -> bytes:
    """The value of ``key`` as these bytes, whatever they are."""
    return event(**{key: "~"}).replace(b'"~"', literal)


def preceded(members: bytes) -> bytes:
    """More members in front of those of a good event."""
    return b"{" + members + b"," + event()[1:]


def followed(members: bytes) -> bytes:
    """More members behind those of a good event."""
    return event()[:-1] + b"," + members + b"}"


def nested(opening: bytes, closing: bytes, depth: int) -> bytes:
    return opening * depth + b"1" + closing * depth


DECODE = Rejected("decode")
NOT_OBJECT = Rejected("not_object")
NO_TIME = Rejected("no_time")
IMPLAUSIBLE = Rejected("implausible_time")
FUTURE = Rejected("future_time")

Outcome = Rejected | Counted
KINDS: dict[str, tuple[bytes | None, Outcome]] = {
    # no JSON
    "tombstone": (None, DECODE),
    "empty value": (b"", DECODE),
    "blanks only": (b" \r\n\t", DECODE),
    "truncated": (event()[:-9], DECODE),
    "truncated within a character": ("{\"country\": \"Å".encode()[:-1], DECODE),
    "opening brace only": (b"{", DECODE),
    "trailing comma": (event()[:-1] + b",}", DECODE),
    "trailing garbage": (event() + b" x", DECODE),
    "two objects": (event() + event(), DECODE),
    "null byte behind": (event() + b"\0", DECODE),
    "null byte in a text": (event_with("country", b'"P\0T"'), DECODE),
    "line break in a text": (event_with("country", b'"P\nT"'), DECODE),
    "line break in a text that is not read": (followed(b'"note": "a\nb"'), DECODE),
    "bad escape": (event_with("country", rb'"\x41"'), DECODE),
    "single quotes": (event().replace(b'"', b"'"), DECODE),
    "keys without quotes": (b"{amount: 1}", DECODE),
    "comment": (event() + b" // good", DECODE),
    "leading zero": (event_with("amount", b"012"), DECODE),
    "hexadecimal number": (event_with("amount", b"0x1F"), DECODE),
    "number with a plus": (event_with("amount", b"+1"), DECODE),
    "number without digits behind the point": (event_with("amount", b"1."), DECODE),
    "number with a decimal comma": (event_with("amount", b"12,5"), DECODE),
    "Python's None": (event_with("amount", b"None"), DECODE),
    "nan in small letters": (event_with("amount", b"nan"), DECODE),
    "CSV": (b"b-1,2026-03-01,12.5,80,PRT", DECODE),
    "XML": (b"<booking><amount>12.5</amount></booking>", DECODE),
    "gzip": (gzip.compress(event(), mtime=0), DECODE),
    "framed Avro": (b"\x00\x00\x00\x00\x07\x06b-1\x02PRT", DECODE),
    "random bytes": (bytes(range(255, -1, -1)), DECODE),
    "UTF-16": (event().decode().encode("utf-16"), DECODE),
    "UTF-32": (event().decode().encode("utf-32"), DECODE),
    "Latin-1 in a category": (event_with("country", '"Åland"'.encode("latin-1")), DECODE),
    "Latin-1 in the id": (event_with("booking", b'"\xe9"'), DECODE),
    "surrogates as bytes": (event_with("country", b'"\xed\xa0\x80"'), DECODE),
    "arrays 501 deep": (followed(b'"note": ' + nested(b"[", b"]", 500)), DECODE),
    "objects 501 deep": (followed(b'"note": ' + nested(b'{"a": ', b"}", 500)), DECODE),
    "a hundred thousand arrays deep": (nested(b"[", b"]", 100_000), DECODE),
    "a megabyte of brackets": (b"[" * MEGABYTE, DECODE),
    "deep and cut off in a text": (b'{"a":' * 600 + b'"[', DECODE),
    # JSON, no object
    "null": (b"null", NOT_OBJECT),
    "boolean": (b"true", NOT_OBJECT),
    "number": (b"-12.5", NOT_OBJECT),
    "NaN alone": (b"NaN", NOT_OBJECT),
    "text": (json.dumps(event().decode()).encode(), NOT_OBJECT),
    "array": (b"[]", NOT_OBJECT),
    "array of events": (b"[" + event() + b"]", NOT_OBJECT),
    # no time
    "time absent": (event_without("at"), NO_TIME),
    "time null": (event(at=None), NO_TIME),
    "time empty": (event(at=""), NO_TIME),
    "time n/a": (event(at="n/a"), NO_TIME),
    "time on 30 February": (event(at="2026-02-30T12:00:00Z"), NO_TIME),
    "time a boolean": (event(at=True), NO_TIME),
    "time an object": (event(at={"seconds": NOW_MS // 1000}), NO_TIME),
    "time an array": (event(at=[2026, 3, 1]), NO_TIME),
    "time NaN": (event(at=math.nan), NO_TIME),
    "time infinite": (event_with("at", b"1e400"), NO_TIME),
    # implausible time
    "time zero": (event(at=0), IMPLAUSIBLE),
    "time negative": (event(at=-1), IMPLAUSIBLE),
    "time in 1970": (event(at="1970-01-01T00:00:00Z"), IMPLAUSIBLE),
    "last moment of 1989": (event(at="1989-12-31T23:59:59.999Z"), IMPLAUSIBLE),
    "first moment of 2100": (event(at="2100-01-01"), IMPLAUSIBLE),
    "time in 2200": (event(at=7_258_118_400), IMPLAUSIBLE),
    "time in 9999": (event(at="9999-12-31T23:59:59Z"), IMPLAUSIBLE),
    "time beyond 64 bits": (event(at=10**30), IMPLAUSIBLE),
    "time beyond all calendars": (event(at=-1e300), IMPLAUSIBLE),
    # future time
    "5 minutes and 1 ms ahead": (event(at=NOW_MS + 300_001), FUTURE),
    "a day ahead": (event(at="2026-03-02T12:00:00Z"), FUTURE),
    # events, with times at the edge
    "5 minutes ahead": (event(at=NOW_MS + 300_000), Counted(ahead_ms=300_000)),
    "first moment of 1990": (
        event(at="1990-01-01"),
        Counted(ahead_ms=631_152_000_000 - NOW_MS),
    ),
    # events, with cells of a number that hold none
    "number as text": (event(amount="12.5"), Counted(amount=INVALID)),
    "number an empty text": (event(amount=""), Counted(amount=INVALID)),
    "number a boolean": (event(amount=False), Counted(amount=INVALID)),
    "number an object": (event(amount={"value": 12.5}), Counted(amount=INVALID)),
    "number an array": (event(amount=[12.5]), Counted(amount=INVALID)),
    "number not UTF-8": (event_with("amount", b'"\xff"'), Counted(amount=INVALID)),
    "number NaN": (event(amount=math.nan), Counted(amount=NOT_FINITE)),
    "number minus infinity": (event(amount=-math.inf), Counted(amount=NOT_FINITE)),
    "number 1e400": (event_with("amount", b"1e400"), Counted(amount=NOT_FINITE)),
    "number of 401 digits": (event(amount=10**400), Counted(amount=NOT_FINITE)),
    "number of 5000 digits": (event_with("amount", b"9" * 5000), Counted(amount=NOT_FINITE)),
    "number of a million digits": (
        event_with("amount", b"-" + b"1" * MEGABYTE),
        Counted(amount=NOT_FINITE),
    ),
    "number null": (event(amount=None), Counted(amount=None)),
    "number absent": (event_without("amount"), Counted(amount=None)),
    "nested number a text": (event(price={"adr": "80"}), Counted(adr=INVALID)),
    "nested number absent": (event(price={}), Counted(adr=None)),
    "object around it absent": (event_without("price"), Counted(adr=None)),
    "object around it null": (event(price=None), Counted(adr=None)),
    "object around it a number": (event(price=80), Counted(adr=None)),
    "object around it an array": (event(price=[{"adr": 80}]), Counted(adr=None)),
    # events, with cells of a category that hold none
    "category an object": (event(country={"code": "PRT"}), Counted(country=INVALID_CATEGORY)),
    "category an array": (event(country=["PRT"]), Counted(country=INVALID_CATEGORY)),
    "category null": (event(country=None), Counted(country=None)),
    "category absent": (event_without("country"), Counted(country=None)),
    # events, nothing wrong with them after all
    "number beyond 64 bits": (event(amount=2**64), Counted(amount=2.0**64)),
    "number of 50 decimals": (event_with("amount", b"12.5" + b"0" * 49), Counted()),
    "number -0": (event_with("amount", b"-0"), Counted(amount=0.0)),
    "number 1E5": (event_with("amount", b"1E5"), Counted(amount=100_000.0)),
    "number too small for a float": (event_with("amount", b"1e-400"), Counted(amount=0.0)),
    "flat key of a nested path": (followed(b'"price.adr": 81'), Counted(adr=81.0)),
    "flat key of a nested path, invalid": (followed(b'"price.adr": "81"'), Counted(adr=INVALID)),
    "flat key of a nested path, null": (followed(b'"price.adr": null'), Counted()),
    "duplicate key, the last good": (preceded(b'"amount": "x"'), Counted()),
    "duplicate key, the last invalid": (followed(b'"amount": "x"'), Counted(amount=INVALID)),
    "duplicate key, both good": (followed(b'"amount": 13'), Counted(amount=13.0)),
    "duplicate object": (followed(b'"price": {"net": 1}'), Counted(adr=None)),
    "escaped key": (event().replace(b"amount", rb"\u0061mount"), Counted()),
    "category a number": (event(country=17.0), Counted(country="17")),
    "category a boolean": (event(country=True), Counted(country="true")),
    "category NaN": (event(country=math.nan), Counted(country="NaN")),
    "category 1e400": (event_with("country", b"1e400"), Counted(country="Infinity")),
    "category of 20 digits": (event(country=10**19 + 1), Counted(country=str(10**19 + 1))),
    "category a lone surrogate": (event(country="a\ud800"), Counted(country="a\ufffd")),
    "category of a megabyte": (
        event(country="x" * MEGABYTE),
        Counted(country=category_text("x" * MEGABYTE)),
    ),
    "byte order mark": (b"\xef\xbb\xbf" + event(), Counted()),
    "blanks around": (b"\r\n " + event() + b"\t\n", Counted()),
    "Latin-1 in a text that is not read": (followed(b'"note": "\xe9"'), Counted()),
    "Latin-1 in a key that is not read": (followed(b'"\xe9": 1'), Counted()),
    "Latin-1 in a text that is not read, NaN": (followed(b'"note": "\xe9", "x": NaN'), Counted()),
    "lone surrogate in a text that is not read": (followed(rb'"note": "\udc00"'), Counted()),
    "1e400 that is not read": (followed(b'"note": 1e400'), Counted()),
    "NaN that is not read": (followed(b'"note": NaN'), Counted()),
    "5000 digits that are not read": (followed(b'"note": ' + b"7" * 5000), Counted()),
    "5000 digits that are not read, and NaN": (
        followed(b'"note": ' + b"7" * 5000 + b', "x": NaN'),
        Counted(),
    ),
    "a megabyte that is not read": (followed(b'"note": "' + b"x" * MEGABYTE + b'"'), Counted()),
    "arrays 500 deep": (followed(b'"note": ' + nested(b"[", b"]", 499)), Counted()),
    "objects 500 deep": (followed(b'"note": ' + nested(b'{"a": ', b"}", 499)), Counted()),
    "many arrays side by side": (followed(b'"note": [' + b"[]," * 5000 + b"[]]"), Counted()),
    "brackets in a text": (followed(b'"note": "' + b"[" * 5000 + rb'\""'), Counted()),
    "id absent": (event_without("booking"), Counted(booking="{offset}.0")),
    "id null": (event(booking=None), Counted(booking="{offset}.0")),
    "id an object": (event(booking={"id": 1}), Counted(booking="{offset}.0")),
    "id a number": (event(booking=17.0), Counted(booking="17")),
    "id that looks like an offset": (event(booking="17.0"), Counted(booking="17")),
    "id of a megabyte": (
        event(booking="x" * MEGABYTE),
        Counted(booking=category_text("x" * MEGABYTE)),
    ),
}  # fmt: skip


def outcome_of(columns: Columns, offset: int) -> Outcome:
    for reject in columns.rejects:
        if reject.offset == offset:
            return Rejected(reject.reason)
    row = columns.offsets.tolist().index(offset)
    assert columns.ids is not None
    amount, adr = columns.numbers[row].tolist()
    country = columns.categories[0][row]
    known = country is None or country is INVALID_CATEGORY
    return Counted(
        None if math.isnan(amount) else amount,
        None if math.isnan(adr) else adr,
        country if known else category_text(country),
        columns.ids[row].replace(f"{offset}.0", "{offset}.0"),
        int(columns.times_ms[row]) - NOW_MS,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_record_becomes_what_the_table_says(kind: str) -> None:
    value, expected = KINDS[kind]
    assert outcome_of(Decoder(MAPPING).decode(batch([value], first_offset=7)), 7) == expected


def test_bad_records_do_not_disturb_good_ones_between_them() -> None:
    values: list[bytes | None] = [event()]
    for value, _ in KINDS.values():
        values += [value, event()]
    columns = Decoder(MAPPING).decode(batch(values))
    found = [outcome_of(columns, offset) for offset in range(len(values))]
    assert found[0::2] == [Counted()] * (len(KINDS) + 1)
    assert found[1::2] == [expected for _, expected in KINDS.values()]
    assert len(columns) + len(columns.rejects) == len(values)


def test_the_table_has_every_reason_and_says_why_in_a_short_line() -> None:
    columns = Decoder(MAPPING).decode(batch([value for value, _ in KINDS.values()]))
    assert {reject.reason for reject in columns.rejects} == set(REJECT_REASONS)
    assert all(reject.detail.isprintable() for reject in columns.rejects)
    assert all(5 < len(reject.detail) <= 100 for reject in columns.rejects)


def test_rejects_tell_nothing_of_what_the_record_held() -> None:
    secrets = [
        b'"secret',
        b'["secret"]',
        event(at="secret"),
        event_with("country", b'"secret\xff"'),
    ]
    for reject in Decoder(MAPPING).decode(batch(secrets)).rejects:
        assert "secret" not in reject.detail


def test_rejects_come_in_offset_order_with_their_place_in_the_batch() -> None:
    values = [b"{", event(), event(at=0), b"[]", event(), None, event(at=None)]
    rejects = Decoder(MAPPING).decode(batch(values, first_offset=100)).rejects
    assert [(r.row, r.offset) for r in rejects] == [
        (0, 100),
        (2, 102),
        (3, 103),
        (5, 105),
        (6, 106),
    ]
