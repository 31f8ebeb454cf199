"""Rows of a Parquet file as JSON objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, BinaryIO

import msgspec

from stream_drift.errors import InputFileError

CHUNK_ROWS = 2_000
_TOO_LARGE = msgspec.Raw(b"1e999")
"""JSON has no infinity; a literal beyond float64 is read as not finite."""
_INFINITY = float("inf")


def read_parquet(stream: BinaryIO, wanted: Collection[str] | None) -> Iterator[list[bytes]]:
    """One JSON object per row, in lists of at most `CHUNK_ROWS`.

    NaN becomes null, a time without zone is UTC, bytes are read as UTF-8 text.

    Parameters
    ----------
    wanted
        The columns to read; ``None``: all of them.

    Raises
    ------
    InputFileError
        Where the extra for Parquet is not installed or the file is not one.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415  # an optional extra
        import pyarrow.parquet as pq  # noqa: PLC0415  # idem
    except ImportError as error:
        message = "reading Parquet needs an extra: pip install 'stream-drift[parquet]'"
        raise InputFileError(message) from error
    encode = msgspec.json.Encoder(decimal_format="number").encode
    try:
        with pq.ParquetFile(stream) as file:
            names = [n for n in file.schema_arrow.names if wanted is None or n in wanted]
            for batch in file.iter_batches(CHUNK_ROWS, columns=names):
                columns = [_values(batch.column(name)) for name in names]
                rows = zip(*columns, strict=True) if names else [()] * batch.num_rows
                yield [encode(dict(zip(names, row, strict=True))) for row in rows]
    except pa.ArrowException as error:
        message = f"not a readable Parquet file ({error})"
        raise InputFileError(message) from error


def _values(column: Any) -> Iterable[object]:
    """The values as objects that JSON can express."""
    import pyarrow as pa  # noqa: PLC0415  # an optional extra
    import pyarrow.compute as pc  # noqa: PLC0415  # idem

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _values(column.dictionary_decode())
    if pa.types.is_floating(kind):
        reals: list[float] = column.to_numpy(zero_copy_only=False).tolist()
        infinite = pc.any(pc.is_inf(column)).as_py()
        return [_TOO_LARGE if abs(v) == _INFINITY else v for v in reals] if infinite else reals
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", "UTC"), safe=False)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return [value and value.decode("utf-8", "replace") for value in column.to_pylist()]
    others: list[object] = column.to_pylist()
    return others
