"""Event files as records, so that what comes after them is the same as for a topic."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
import numpy as np

from stream_drift.errors import InputFileError
from stream_drift.events.mapping import EventMapping
from stream_drift.events.mapping import Path as EventPath
from stream_drift.events.record import RecordBatch
from stream_drift.runtime.files.csv_file import read_csv
from stream_drift.runtime.files.jsonl_file import read_lines
from stream_drift.runtime.files.parquet_file import read_parquet

BATCH_RECORDS = 2_000

Payloads = Iterator[list[bytes]]


def read_rows(path: Path, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """The first ``limit`` rows as objects, for looking at; lines that are none are passed over.

    Every field of a CSV file is text, an empty one ``None``.

    Raises
    ------
    InputFileError
        Where the file cannot be read.
    """
    return islice(_rows(path), limit)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for payloads in _payloads(path, (), None):
        for payload in payloads:
            try:
                row = msgspec.json.decode(payload)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            if isinstance(row, dict):
                yield row


def read_batches(path: Path, mapping: EventMapping, timestamp_ms: int) -> Iterator[RecordBatch]:
    """The file as the records of one partition: offset = row number.

    JSONL lines are the payloads as they are, good or bad. Rows of CSV and Parquet become JSON
    objects; in CSV, what ``mapping`` reads as a number or as the time becomes a JSON number
    where it reads as one, an empty field null, and everything else is text. Columns that the
    mapping does not read are left out.

    Parameters
    ----------
    timestamp_ms
        The timestamp of every record.

    Raises
    ------
    InputFileError
        Where the file cannot be read.
    """
    numbers = [field.path for field in mapping.numbers]
    numbers += [mapping.time] if mapping.time else []
    others = [field.path for field in mapping.categories]
    others += [mapping.event_id] if mapping.event_id else []
    others += [mapping.where.path] if mapping.where else []
    offset = 0
    for payloads in _payloads(path, _columns(numbers), _columns([*numbers, *others])):
        for first in range(0, len(payloads), BATCH_RECORDS):
            values = payloads[first : first + BATCH_RECORDS]
            offsets = np.arange(offset, offset + len(values))
            offset += len(values)
            yield RecordBatch(offsets, np.full(len(values), timestamp_ms), values, offset)


def _columns(paths: Iterable[EventPath]) -> set[str]:
    """The top-level fields that paths may start at: flat names may have dots."""
    return {name for path in paths for name in (path[0], ".".join(path))}


def _payloads(path: Path, numbers: Collection[str], wanted: Collection[str] | None) -> Payloads:
    """The payloads of a file by its suffix; every failure names the file."""
    suffix, zipped = path.suffix.lower(), False
    if suffix == ".gz":
        suffix, zipped = Path(path.stem).suffix.lower(), True
    readers: dict[str, Callable[[BinaryIO], Payloads]] = {
        ".jsonl": read_lines,
        ".ndjson": read_lines,
        ".csv": lambda stream: read_csv(stream, numbers, wanted),
        ".parquet": lambda stream: read_parquet(stream, wanted),
    }
    with _named_errors(path):
        if suffix not in readers or (zipped and suffix == ".parquet"):
            message = "files of events end in .jsonl, .csv (also with .gz) or .parquet; rename it"
            raise InputFileError(message)
        with _open(path, zipped=zipped) as stream:
            yield from readers[suffix](stream)


def _open(path: Path, *, zipped: bool) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if zipped else path.open("rb")


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except InputFileError as error:
        message = f"{path}: {error}"
        raise InputFileError(message) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"{path}: broken gzip file ({error}); copy it again"
        raise InputFileError(message) from error
    except OSError as error:
        message = f"{path}: {error.strerror or error}"
        raise InputFileError(message) from error
