"""What decoding keeps to whatever the records hold."""

from __future__ import annotations

import json
import re
from datetime import timedelta, timezone
from typing import Any

import msgspec
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import astuple

from stream_drift.events.category import MAX_TEXT, are_plain, category_text
from stream_drift.events.columns import REJECT_REASONS, Columns
from stream_drift.events.decode import Decoder
from stream_drift.events.identity import offset_identity
from stream_drift.events.lenient import Fault, read_leniently
from stream_drift.events.mapping import EventMapping, Field, Filter
from stream_drift.events.record import RecordBatch
from stream_drift.events.shape import compile_shape, read_paths
from stream_drift.events.table import Table
from stream_drift.events.time import time_ms, times_ms
from stream_drift.events.typed import typed_decoder

NOW_MS = 1_772_366_400_000
MAPPING = EventMapping(
    numbers=(Field("amount", ("amount",)), Field("adr", ("price", "adr")), Field("n", ("code",))),
    categories=(Field("country", ("country",)), Field("type", ("price", "type"))),
    event_id=("id",),
    time=("at",),
    where=Filter(("model",), "hotel"),
)
PLAIN = EventMapping(MAPPING.numbers[:2], (*MAPPING.categories, Field("code", ("code",))), ("id",))

# Values of every type, and the numbers and texts where readers of JSON part ways.
integers = st.integers() | st.sampled_from([2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**25, 10**400])
any_texts = st.text(st.characters(), max_size=8) | st.sampled_from(
    ["17.0", "True", "x" * 201, "\ud83d\ude00", "2026-03-01T12:00:00Z", "2026-03-01", "hotel"]
)
scalars = st.none() | st.booleans() | integers | st.floats() | any_texts
times = st.none() | st.sampled_from([NOW_MS, NOW_MS / 1000, NOW_MS + 300_001, 0, "n/a", True])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_texts, inner),
    max_leaves=5,
)
prices = st.fixed_dictionaries({}, optional={"adr": values, "type": values, "net": values})
members = st.one_of(
    st.tuples(st.sampled_from(["amount", "country", "code", "id", "price", "note"]), values),
    st.tuples(st.sampled_from(["price.adr", "price.type", "price.net"]), values),
    st.tuples(st.just("price"), prices),
    st.tuples(st.just("at"), times),
    st.tuples(st.just("model"), st.sampled_from(["hotel", "loan", None])),
)
literals = st.sampled_from(
    [
        b"1e400",
        b"-1E+5",
        b"1e-400",
        b"0.10",
        b"-0",
        b"9" * 5000,
        b'"\xff"',
        rb'"\ud800"',
        b"01",
        b"nul",
    ]
)


@st.composite
def objects(draw: st.DrawFn) -> bytes:
    """An event as text, with duplicate keys, and perhaps a value that json cannot write."""
    pairs = [("model", "hotel"), ("at", NOW_MS), *draw(st.lists(members, max_size=8))]
    ascii_only = draw(st.booleans())
    texts = [
        json.dumps(key).encode()
        + b":"
        + json.dumps(value, ensure_ascii=ascii_only).encode(errors="surrogatepass")
        for key, value in pairs
    ]
    if draw(st.booleans()):
        key = draw(st.sampled_from([b"amount", b"country", b"note", b"price.adr", b"at"]))
        texts.append(b'"' + key + b'":' + draw(literals))
    return b"{" + b",".join(texts) + b"}"


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """An event with some stretches of bytes replaced."""
    value = draw(objects())
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(value)))
        end = start + draw(st.integers(0, 4))
        put = draw(
            st.binary(max_size=3) | st.sampled_from([b"{", b"[", b'"', b",", b"\\", b"}", b"NaN"])
        )
        value = value[:start] + put + value[end:]
    return value


records = st.one_of(objects(), mutated(), st.binary(max_size=40), st.none())


def batch(payloads: list[bytes | None]) -> RecordBatch:
    offsets = np.arange(10, 10 + 2 * len(payloads), 2, dtype=np.int64)
    return RecordBatch(offsets, np.full(len(payloads), NOW_MS), payloads, 10 + 2 * len(payloads))


def plain(columns: Columns) -> dict[str, Any]:
    """All that columns hold, comparable: NaN is a text, and 1, 1.0 and True are three."""
    return {
        "offsets": columns.offsets.tolist(),
        "times": columns.times_ms.tolist(),
        "record_times": columns.record_times_ms.tolist(),
        "numbers": [str(row) for row in columns.numbers.tolist()],
        "categories": [[(type(v), str(v)) for v in column] for column in columns.categories],
        "ids": columns.ids,
        "rejects": [(r.offset, r.reason, r.detail) for r in columns.rejects],
        "n_filtered": columns.n_filtered,
    }


@given(st.lists(records, max_size=6), st.sampled_from([MAPPING, PLAIN]))
def test_every_record_is_an_event_a_reject_or_filtered(
    payloads: list[bytes | None], mapping: EventMapping
) -> None:
    columns = Decoder(mapping).decode(batch(payloads))
    rejected = [reject.offset for reject in columns.rejects]
    assert len(columns) + len(rejected) + columns.n_filtered == len(payloads)
    assert not {*rejected} & {*columns.offsets.tolist()}
    assert rejected == sorted(rejected)
    assert columns.offsets.tolist() == sorted(columns.offsets.tolist())
    assert {reject.reason for reject in columns.rejects} <= {*REJECT_REASONS}
    assert columns.numbers.shape == (len(columns), len(mapping.numbers))
    assert [len(column) for column in columns.categories] == [len(columns)] * len(
        mapping.categories
    )
    assert columns.ids is not None
    assert len(columns.ids) == len(columns)


@given(st.lists(records, max_size=8), st.data())
def test_any_split_of_a_batch_gives_the_same_events(
    payloads: list[bytes | None], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(payloads)), max_size=3)))
    whole, decoder = batch(payloads), Decoder(MAPPING)
    bounds = zip([0, *cuts], [*cuts, len(payloads)], strict=True)
    parts = [plain(decoder.decode(whole.slice(start, stop))) for start, stop in bounds]
    expected = plain(decoder.decode(whole))
    for name in ("offsets", "times", "record_times", "numbers", "ids", "rejects"):
        assert [cell for part in parts for cell in part[name]] == expected[name]
    for feature, column in enumerate(expected["categories"]):
        assert [cell for part in parts for cell in part["categories"][feature]] == column
    assert sum(part["n_filtered"] for part in parts) == expected["n_filtered"]


def cells(mapping: EventMapping, row: tuple[object, ...]) -> dict[str, list[tuple[type, str]]]:
    """All that a row holds by path; in a number column null is what absent is."""
    table = Table(compile_shape(read_paths(mapping)))
    table.add(iter([row]))
    columns = table.leaf_columns()
    return {str(path): [(type(v), repr(v)) for v in column] for path, column in columns.items()}


@given(objects() | mutated(), st.sampled_from([MAPPING, PLAIN]))
@example(b'{"amount": -0}', PLAIN)
@example(b'{"amount": 1, "note": "\xff"}', PLAIN)
@example(b'{"amount": 123456789012345678901234567890}', PLAIN)
@example(b'{"code": 123456789012345678901234567890}', PLAIN)
def test_what_is_read_fast_is_read_the_same_slowly(value: bytes, mapping: EventMapping) -> None:
    shape = compile_shape(read_paths(mapping))
    typed = typed_decoder(shape)
    try:
        fast = astuple(typed(value))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    slow = read_leniently(value, shape)
    assert not isinstance(slow, Fault)
    assert cells(mapping, fast) == cells(mapping, slow)


@given(objects() | mutated() | values.map(lambda value: json.dumps(value).encode()))
@example(b'{"a": 123456789012345678901234567890, "b": 1e-400, "a": 18446744073709551616}')
def test_both_readers_of_json_read_the_same(value: bytes) -> None:
    try:
        found = msgspec.json.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    assert repr(found) == repr(json.loads(value))


fine_numbers = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
fine_texts = st.text(max_size=8)
fine_scalars = fine_numbers | st.booleans() | fine_texts
fine_events = st.fixed_dictionaries(
    {},
    optional={
        "amount": fine_numbers,
        "price.adr": fine_numbers,
        "price": st.none() | st.fixed_dictionaries({"adr": fine_numbers, "type": fine_scalars}),
        "country": fine_scalars,
        "code": fine_scalars,
        "id": fine_scalars,
        "note": st.recursive(
            fine_scalars, lambda inner: st.lists(inner) | st.dictionaries(fine_texts, inner)
        ),
    },
)


@given(fine_events, st.booleans())
def test_what_is_read_slowly_without_a_blemish_is_read_the_same_fast(
    event: dict[str, object],
    ascii_only: bool,  # noqa: FBT001 - drawn
) -> None:
    value = json.dumps(event, ensure_ascii=ascii_only).encode()
    shape = compile_shape(read_paths(PLAIN))
    typed = typed_decoder(shape)
    slow = read_leniently(value, shape)
    assert not isinstance(slow, Fault)
    assert cells(PLAIN, slow) == cells(PLAIN, astuple(typed(value)))


@given(st.lists(records, max_size=5))
def test_good_events_are_read_the_same_whatever_stands_between_them(
    payloads: list[bytes | None],
) -> None:
    good = b'{"model": "hotel", "at": %d, "amount": 1.5, "price": {"adr": 2}, "id": "g"}' % NOW_MS
    mixed = [payload for bad in payloads for payload in (bad, good)]
    found = plain(Decoder(MAPPING).decode(batch(mixed)))
    for offset in batch(mixed).offsets[1::2].tolist():
        row = found["offsets"].index(offset)
        assert found["numbers"][row] == "[1.5, 2.0, nan]"
        assert (found["ids"][row], found["times"][row]) == ("g", NOW_MS)


json_scalars = (
    st.booleans() | integers | st.floats() | any_texts | st.text(min_size=190, max_size=210)
)


@given(json_scalars)
def test_category_text_is_its_own_bounded_text(value: object) -> None:
    text = category_text(value)
    assert category_text(text) == text
    assert len(text) <= MAX_TEXT
    assert text.encode().decode() == text


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_counts_as_the_number_that_its_text_is(number: float) -> None:
    assert float(category_text(number)) == float(number)
    assert category_text(str(number)) == category_text(number) or "e" in str(number)


@given(json_scalars | st.from_regex(r"-?[0-9]{1,4}\.0", fullmatch=True), st.integers(0, 2**63 - 1))
def test_no_event_id_looks_like_an_offset_identity(value: object, offset: int) -> None:
    form = re.compile(r"(0|[1-9][0-9]*)\.0")
    assert form.fullmatch(offset_identity(offset))
    assert not form.fullmatch(category_text(value))


@given(st.lists(any_texts | st.from_regex(r"[a-z0-9-]{4,9}(\.0)?", fullmatch=True), max_size=5))
def test_texts_found_plain_are_their_own_category_texts(texts: list[str]) -> None:
    if are_plain(texts):
        assert [category_text(text) for text in texts] == texts


zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes() | st.datetimes(timezones=zones)
iso_texts = st.builds(
    lambda moment, separator, unit: moment.isoformat(separator, unit).replace("+00:00", "Z"),
    moments,
    st.sampled_from("T "),
    st.sampled_from(["auto", "minutes", "seconds", "milliseconds", "microseconds"]),
)
digits = st.characters(categories=["Nd"]) | st.sampled_from("0123456789-:T.Z+ ")
time_texts = iso_texts | st.dates().map(str) | st.text(digits, max_size=30)


@given(
    st.lists(integers)
    | st.lists(st.floats())
    | st.lists(st.floats(6e8, 5e9))
    | st.lists(time_texts)
    | st.lists(integers | st.floats() | time_texts | st.none() | st.booleans())
)
def test_a_column_of_times_is_each_of_its_times(column: list[object]) -> None:
    assert times_ms(column).tolist() == [time_ms(value) for value in column]


@given(st.integers(631_152_000_000_000, 4_102_444_799_999_999))
def test_all_forms_of_one_moment_are_one_time(micros: int) -> None:
    moment = np.datetime64(micros, "us")
    ms = micros // 1000
    assert time_ms(str(moment)) == ms
    assert time_ms(f"{str(moment).replace('T', ' ')}Z") == ms
    assert time_ms(f"{micros // 10**6}.{micros % 10**6:06}") == ms
    assert time_ms(micros / 1e6) == ms
