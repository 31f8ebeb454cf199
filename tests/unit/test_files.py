from __future__ import annotations

import datetime as dt
import gzip
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stream_drift.errors import InputFileError
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.events.record import RecordBatch
from stream_drift.runtime.files import jsonl_file
from stream_drift.runtime.files.read import BATCH_RECORDS, read_batches, read_rows

ADR = EventMapping(numbers=(Field("adr", ("adr",)),), categories=())
ADR_AND_TEXTS = EventMapping(ADR.numbers, (Field("agent", ("agent",)), Field("note", ("note",))))
ADR_AND_TIME = EventMapping(numbers=(Field("adr", ("price", "adr")),), categories=(), time=("t",))


def batches(path: Path, mapping: EventMapping = ADR) -> list[RecordBatch]:
    return list(read_batches(path, mapping, timestamp_ms=7))


def payloads(path: Path, mapping: EventMapping = ADR) -> list[bytes | None]:
    return [value for batch in batches(path, mapping) for value in batch.values]


def objects(path: Path, mapping: EventMapping = ADR) -> list[Any]:
    return [json.loads(value) for value in payloads(path, mapping) if value is not None]


def file_of(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    content = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


# JSONL -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.JSONL", "a.jsonl.gz"])
def test_lines_pass_through_whatever_they_hold(tmp_path: Path, name: str) -> None:
    path = file_of(tmp_path, name, b'{"adr": 1.50}\n\xff not json\n[1, 2]\n')
    assert payloads(path) == [b'{"adr": 1.50}', b"\xff not json", b"[1, 2]"]


def test_blank_lines_and_the_last_line_end_are_no_records(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a.jsonl", b"\xef\xbb\xbf{}\r\n\r\n   \n{}")
    assert payloads(path) == [b"{}\r", b"{}"]


def test_empty_file_has_no_records(tmp_path: Path) -> None:
    assert batches(file_of(tmp_path, "a.jsonl", b"")) == []


@pytest.mark.parametrize("block_bytes", [1, 2, 7, 1000])
def test_lines_are_whole_wherever_the_disk_cuts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    monkeypatch.setattr(jsonl_file, "BLOCK_BYTES", block_bytes)
    lines = [b'{"a":%d}' % i for i in range(40)]
    path = file_of(tmp_path, "a.jsonl", b"\n".join(lines) + b"\n")
    assert payloads(path) == lines


def test_offsets_count_rows_across_batches(tmp_path: Path) -> None:
    n = 2 * BATCH_RECORDS + 1
    found = batches(file_of(tmp_path, "a.jsonl", b"{}\n" * n))
    assert [len(batch) for batch in found] == [BATCH_RECORDS, BATCH_RECORDS, 1]
    assert np.concatenate([batch.offsets for batch in found]).tolist() == list(range(n))
    assert [batch.next_offset for batch in found] == [BATCH_RECORDS, 2 * BATCH_RECORDS, n]
    assert set(np.concatenate([batch.timestamps_ms for batch in found]).tolist()) == {7}


# CSV ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_watched_numbers_are_numbers_and_the_rest_is_text(tmp_path: Path, name: str) -> None:
    path = file_of(tmp_path, name, 'adr,agent\n10.5,9.0\n,\n-3,"a, b"\n')
    assert objects(path, ADR_AND_TEXTS) == [
        {"adr": 10.5, "agent": "9.0"},
        {"adr": None, "agent": None},
        {"adr": -3, "agent": "a, b"},
    ]


@pytest.mark.parametrize(
    ("field", "json_text"),
    [
        ("007", b"7"),
        (" 12 ", b"12"),
        ("+.5", b"0.5"),
        ("5.", b"5.0"),
        ("1e3", b"1000.0"),
        ("1700000000123456789", b"1700000000123456789"),
        ("17000000001234567890", b"1.7000000001234567e19"),
        ("NaN", b"null"),
        ("   ", b"null"),
        ("-Infinity", b"1e999"),
        ("1e400", b"1e999"),
        ("1_000", b'"1_000"'),
        ("0x10", b'"0x10"'),
        ("12,5", b'"12,5"'),
        ("n/a", b'"n/a"'),
    ],
)
def test_number_field_reads_as(tmp_path: Path, field: str, json_text: bytes) -> None:
    path = file_of(tmp_path, "a.csv", f'adr\n"{field}"\n')
    assert payloads(path) == [b'{"adr":' + json_text + b"}"]


def test_odd_fields_of_a_number_column_leave_the_others_alone(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a.csv", "adr,agent\n" + ",\n".join(["1", "", "2.5", "x", "inf", ""]))
    expected: list[bytes] = [b"1", b"null", b"2.5", b'"x"', b"1e999"]
    assert payloads(path) == [b'{"adr":' + value + b"}" for value in expected]


def test_columns_that_nobody_reads_are_left_out(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a.csv", "adr,agent,note\n1,2,3\n")
    assert payloads(path) == [b'{"adr":1}']
    nothing = EventMapping((), ())
    assert payloads(path, nothing) == [b"{}"]
    table = parquet_of(tmp_path, {"price": [{"adr": 1}], "price.adr": [2], "note": ["x"]})
    assert payloads(table, ADR_AND_TIME) == [b'{"price":{"adr":1},"price.adr":2}']
    assert payloads(table, nothing) == [b"{}"]


def test_time_is_a_number_where_it_reads_as_one_and_flat_names_may_have_dots(
    tmp_path: Path,
) -> None:
    path = file_of(tmp_path, "a.csv", "t,price.adr\n1700000000,1\n2024-01-01,2\n")
    assert objects(path, ADR_AND_TIME) == [
        {"t": 1_700_000_000, "price.adr": 1},
        {"t": "2024-01-01", "price.adr": 2},
    ]


def test_csv_may_have_a_byte_order_mark_blank_lines_and_lines_within_quotes(
    tmp_path: Path,
) -> None:
    path = file_of(tmp_path, "a.csv", b'\xef\xbb\xbfadr,note\r\n1,"two\nlines"\r\n\r\n2,x\r\n')
    assert objects(path, ADR_AND_TEXTS) == [
        {"adr": 1, "note": "two\nlines"},
        {"adr": 2, "note": "x"},
    ]


def test_csv_longer_than_a_batch_keeps_its_order(tmp_path: Path) -> None:
    n = 2 * BATCH_RECORDS + 5
    path = file_of(tmp_path, "a.csv", "adr\n" + "\n".join(map(str, range(n))))
    assert [row["adr"] for row in objects(path)] == list(range(n))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no header; the first line must name the columns"),
        (b"adr,x,adr\n", "line 1: more than one column is named 'adr'"),
        (b'adr,x\n"1\n2",3\n4\n', "line 4: 1 fields where the header names 2"),
        (b"adr,x\n1,2,3\n", "line 2: 3 fields where the header names 2"),
        (b'adr\n"1"2\n', "line 2: "),
        (b"adr\n1\n\xff\n", "save it as UTF-8"),
    ],
)
def test_unusable_csv_says_where(tmp_path: Path, content: bytes, message: str) -> None:
    path = file_of(tmp_path, "a.csv", content)
    with pytest.raises(InputFileError) as caught:
        batches(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


# Parquet -----------------------------------------------------------------------------------------


def parquet_of(folder: Path, table: dict[str, Any]) -> Path:
    pq.write_table(pa.table(table), folder / "a.parquet")
    return folder / "a.parquet"


def test_parquet_values_are_what_json_means_by_them(tmp_path: Path) -> None:
    noon = dt.datetime(2026, 1, 31, 12, 0, 0, 500_000)  # noqa: DTZ001  # as pandas writes it
    lisbon = pa.timestamp("ns", "Europe/Lisbon")
    path = parquet_of(
        tmp_path,
        {
            "real": [1.5, float("nan")],
            "infinite": [float("inf"), float("-inf")],
            "whole": pa.array([2**62, None], pa.int64()),
            "yes": [True, None],
            "price": [Decimal("12.50"), None],
            "text": pa.array(["a", None]).dictionary_encode(),
            "raw": [b"caf\xc3\xa9", b"\xff"],
            "naive": pa.array([noon, None], pa.timestamp("ns")),
            "zoned": pa.array([noon.replace(tzinfo=dt.UTC), None], lisbon),
            "day": [noon.date(), None],
            "nested": [{"adr": float("nan"), "tags": ["x"]}, None],
        },
    )
    names = pq.read_schema(path).names
    mapping = EventMapping((), tuple(Field(name, (name,)) for name in names))
    first, second = payloads(path, mapping)
    assert first == (
        b'{"real":1.5,"infinite":1e999,"whole":4611686018427387904,"yes":true,"price":12.50,'
        b'"text":"a","raw":"caf\xc3\xa9","naive":"2026-01-31T12:00:00.500000Z",'
        b'"zoned":"2026-01-31T12:00:00.500000Z","day":"2026-01-31",'
        b'"nested":{"adr":null,"tags":["x"]}}'
    )
    assert second is not None
    assert json.loads(second.replace(b"1e999", b"0")) == {
        "real": None,
        "infinite": 0,
        "whole": None,
        "yes": None,
        "price": None,
        "text": None,
        "raw": "\ufffd",
        "naive": None,
        "zoned": None,
        "day": None,
        "nested": None,
    }


def test_parquet_longer_than_a_batch_keeps_its_order(tmp_path: Path) -> None:
    n = 2 * BATCH_RECORDS + 5
    path = parquet_of(tmp_path, {"adr": list(range(n))})
    assert [row["adr"] for row in objects(path)] == list(range(n))


def test_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a.parquet", b"PAR1 no")
    with pytest.raises(InputFileError, match=r"a\.parquet: not a readable Parquet file"):
        batches(path)


def test_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet_of(tmp_path, {"adr": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputFileError, match=r"pip install 'stream-drift\[parquet\]'"):
        batches(path)


# All formats -------------------------------------------------------------------------------------


def test_missing_file_is_named(tmp_path: Path) -> None:
    for suffix in (".jsonl", ".csv", ".csv.gz", ".parquet"):
        path = tmp_path / f"missing{suffix}"
        with pytest.raises(InputFileError, match=f"missing{suffix}: No such file"):
            batches(path)


@pytest.mark.parametrize("name", ["a", "a.txt", "a.json", "a.gz", "a.parquet.gz"])
def test_unknown_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputFileError, match=r"end in \.jsonl, \.csv"):
        batches(file_of(tmp_path, name, "{}"))


@pytest.mark.parametrize("cut", [slice(0, 40), slice(0, -4), slice(5, None)])
def test_broken_gzip_is_named(tmp_path: Path, cut: slice) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"adr": 1}\n' * 10_000)[cut])
    with pytest.raises(InputFileError, match="broken gzip file"):
        batches(path)


def test_rows_for_looking_at_are_objects(tmp_path: Path) -> None:
    lines = file_of(tmp_path, "a.jsonl", b'{"a": 1}\n{"a"\n7\n{"a": {"b": null}}\n{"a": 3}\n')
    assert list(read_rows(lines, 2)) == [{"a": 1}, {"a": {"b": None}}]
    assert len(list(read_rows(lines))) == 3
    table = file_of(tmp_path, "a.csv", "a,b\n1,x\n,y\n")
    assert list(read_rows(table)) == [{"a": "1", "b": "x"}, {"a": None, "b": "y"}]
