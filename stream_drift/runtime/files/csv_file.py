"""Rows of a CSV file as JSON objects: text unless a column is watched as a number."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from stream_drift.errors import InputFileError

CHUNK_ROWS = 2_000
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_REAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_INT64 = range(-(2**63), 2**63)
_TOO_LARGE = msgspec.Raw(b"1e999")
"""JSON has no infinity; a literal beyond float64 is read as not finite."""


def read_csv(
    stream: BinaryIO, numbers: Collection[str], wanted: Collection[str] | None
) -> Iterator[list[bytes]]:
    """One JSON object per row, in lists of at most `CHUNK_ROWS`.

    Parameters
    ----------
    numbers
        Columns that are numbers wherever a field reads as one.
    wanted
        The columns to read; ``None``: all of them.

    Raises
    ------
    InputFileError
        Where the header is unusable or a row has another number of fields; tells the line.
    """
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
    reader = csv.reader(text, strict=True)
    try:
        header = next(reader, [])
        _check_header(header)
        readers = {
            i: (name, _numbers if name in numbers else _texts)
            for i, name in enumerate(header)
            if wanted is None or name in wanted
        }
        while rows := list(islice(_full_rows(reader, len(header)), CHUNK_ROWS)):
            yield _objects(readers, rows)
    except csv.Error as error:
        message = f"line {reader.line_num}: {error}"
        raise InputFileError(message) from error
    except UnicodeDecodeError as error:
        message = f"after line {reader.line_num}: {error}; save it as UTF-8"
        raise InputFileError(message) from error
    finally:
        text.detach()  # the stream is closed by whoever opened it


def _check_header(header: list[str]) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if not header:
        message = "no header; the first line must name the columns"
        raise InputFileError(message)
    if twice:
        message = f"line 1: more than one column is named {twice[0]!r}"
        raise InputFileError(message)


def _full_rows(reader: Any, width: int) -> Iterator[list[str]]:
    """Rows without the blank lines between them."""
    for row in reader:
        if len(row) == width:
            yield row
        elif row:
            message = (
                f"line {reader.line_num}: {len(row)} fields where the header names {width}; "
                "is a comma or a quotation mark missing?"
            )
            raise InputFileError(message)


def _objects(
    readers: Mapping[int, tuple[str, Callable[[Sequence[str]], Sequence[object]]]],
    rows: Sequence[list[str]],
) -> list[bytes]:
    encode = msgspec.json.Encoder().encode
    if not readers:
        return [b"{}"] * len(rows)
    fields = list(zip(*rows, strict=True))
    names = [name for name, _ in readers.values()]
    columns = [read(fields[i]) for i, (_, read) in readers.items()]
    return [encode(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]


def _texts(column: Sequence[str]) -> list[str | None]:
    return [field or None for field in column]


def _numbers(column: Sequence[str]) -> Sequence[object]:
    """As `_number`, all at once where nothing is odd about the column."""
    present = list(filter(None, column))
    values = _plain_numbers(present)
    if values is None:
        return list(map(_number, column))
    if len(values) == len(column):
        return values
    following = iter(values)
    return [next(following) if field else None for field in column]


def _plain_numbers(fields: Sequence[str]) -> Sequence[float] | None:
    """``None`` where Python would be more generous than JSON, or a value is not finite."""
    together = "".join(fields)
    if "_" in together or not together.isascii():
        return None
    with suppress(ValueError):
        whole = list(map(int, fields))
        return whole if all(map(_INT64.__contains__, whole)) else None
    with suppress(ValueError):
        real = list(map(float, fields))
        return real if math.isfinite(sum(real)) else None
    return None


def _number(field: str) -> object:
    """A JSON number where the field reads as one; null where it is empty or says NaN."""
    text = field.strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    if _REAL.fullmatch(text):
        value = float(text)
        return value if abs(value) < float("inf") else _TOO_LARGE
    if not text or text.lower() == "nan":
        return None
    return _TOO_LARGE if _INFINITE.fullmatch(text) else field
