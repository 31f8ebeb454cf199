"""A training set on disk: one Parquet file, and a manifest that says what is in it and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stream_drift.errors import InputFileError, UsageError
from stream_drift.past.join import Table

EVENTS, MANIFEST = "events.parquet", "manifest.json"
MANIFEST_VERSION = 1
OWN_COLUMNS = ("_origin", "_id", "_time", "_topic", "_partition", "_offset")
"""What stands beside the features: where a row comes from. Training files have only the first."""
WEIGHT = "_weight"
"""How much a row counts, where training rows stand beside live ones."""
DRIFTED, TRAINING = "drifted", "training"
COMPRESSION = "zstd"


def write_folder(
    folder: Path, parts: Mapping[str, Table], numbers: frozenset[str], facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Write both files; the same parts give the same bytes.

    Parameters
    ----------
    parts
        Tables by origin, with the same columns.
    numbers
        The columns that hold numbers; all others are text.
    facts
        What else the manifest says.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    UsageError
        Where the folder already holds something else.
    InputFileError
        Where it cannot be written, or the extra for Parquet is not installed.
    """
    if folder.exists() and not folder.is_dir():
        message = f"--out {folder} is a file; name a folder"
        raise UsageError(message)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / EVENTS
        _write_parquet(place, parts, numbers)
        digest = hashlib.sha256(place.read_bytes()).hexdigest()
        manifest = {
            "version": MANIFEST_VERSION,
            **facts,
            "rows": {origin: len(table.rows) for origin, table in parts.items()},
            "files": {EVENTS: {"sha256": digest, "bytes": place.stat().st_size}},
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
    except OSError as error:
        message = f"{folder}: cannot be written: {error.strerror or error}"
        raise InputFileError(message) from error
    return manifest


def _write_parquet(place: Path, parts: Mapping[str, Table], numbers: frozenset[str]) -> None:
    try:
        import pyarrow as pa  # noqa: PLC0415  # an optional extra
        import pyarrow.parquet as pq  # noqa: PLC0415  # idem
    except ImportError as error:
        message = "an export needs an extra: pip install 'stream-drift[parquet]'"
        raise InputFileError(message) from error
    names = next(iter(parts.values())).names
    values = (pa.field(name, pa.float64() if name in numbers else pa.string()) for name in names)
    own = (
        pa.field("_origin", pa.string()),
        pa.field("_id", pa.string()),
        pa.field("_time", pa.timestamp("ms", "UTC")),
        pa.field("_topic", pa.string()),
        pa.field("_partition", pa.int32()),
        pa.field("_offset", pa.int64()),
    )
    schema = pa.schema([*own, *values])
    with pq.ParquetWriter(place, schema, compression=COMPRESSION) as writer:
        for origin, table in parts.items():
            writer.write_table(pa.table(_columns(origin, table), schema=schema))


def _columns(origin: str, table: Table) -> dict[str, list[Any]]:
    is_live = origin == DRIFTED
    own = [
        (origin, *((row.id, row.time_ms, row.topic, row.partition, row.offset) if is_live else ()))
        for row in table.rows
    ]
    found: dict[str, list[Any]] = {
        name: [row[i] if i < len(row) else None for row in own]
        for i, name in enumerate(OWN_COLUMNS)
    }
    return found | {name: table.column(name) for name in table.names}
