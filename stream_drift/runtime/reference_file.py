"""Reference snapshots on disk."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from stream_drift.errors import ReferenceFileError
from stream_drift.reference.build import Reference
from stream_drift.reference.file import decode_reference, encode_reference


def read_reference(path: Path) -> Reference:
    """Read a snapshot.

    Raises
    ------
    ReferenceFileError
        Where there is no file, or it is no snapshot that this program understands.
    """
    try:
        document = path.read_bytes()
    except FileNotFoundError as error:
        message = f"{path}: no such file; make it with `stream-drift reference build`"
        raise ReferenceFileError(message) from error
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise ReferenceFileError(message) from error
    try:
        return decode_reference(document)
    except ReferenceFileError as error:
        message = f"{path}: {error}"
        raise ReferenceFileError(message) from error


def write_reference(path: Path, reference: Reference) -> None:
    """Write a snapshot, making its folder; a reader sees the old file or the new one, whole.

    Raises
    ------
    ReferenceFileError
        Where the place cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as stream:
            stream.write(encode_reference(reference))
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        message = f"{path}: cannot be written: {error.strerror}"
        raise ReferenceFileError(message) from error
