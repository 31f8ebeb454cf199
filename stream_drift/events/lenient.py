"""The slow reading of a record: the whole document, then value by value.

Reads what the fast reading refuses: values of the wrong type, and with the standard library NaN
and infinities, numbers too large for a float, lone surrogates, a byte order mark, bytes that are
no UTF-8. On all other records the two agree.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import msgspec

from stream_drift.events.cells import number_cell, scalar_cell
from stream_drift.events.shape import Shape

MAX_DEPTH = 500
"""Objects and arrays inside each other; a limit of ours, since Python's depends on the caller."""
NEVER_TOO_DEEP = 2 * MAX_DEPTH
"""Bytes; whatever opens must close."""

Row = tuple[object, ...]

_BOM = b"\xef\xbb\xbf"
_BRACKETS_OUTSIDE_TEXTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|([\[{])|([\]}])', re.DOTALL)
_KINDS = {bool: "boolean", int: "number", float: "number", str: "text", list: "array"}


class Fault(NamedTuple):
    """Why a record is no event: one of ``REJECT_REASONS``, and a line without its content."""

    reason: str
    detail: str


def read_leniently(value: bytes | None, shape: Shape) -> Row | Fault:
    """The row of ``shape`` in a record, or why there is none.

    Parameters
    ----------
    value
        The payload; ``None`` for a tombstone.
    """
    if value is None:
        return Fault("decode", "no value (a tombstone)")
    if is_too_deep(value):
        return Fault("decode", f"objects and arrays nested more than {MAX_DEPTH} deep")
    try:
        return _row_or_fault(msgspec.json.decode(value), shape)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _read_with_standard_library(value.removeprefix(_BOM), shape)


def _read_with_standard_library(body: bytes, shape: Shape) -> Row | Fault:
    # Bytes that are no UTF-8 spoil a record only where they stand in a value that is read.
    try:
        document = _parse(body.decode(errors="surrogateescape"))
    except json.JSONDecodeError as error:
        return Fault("decode", f"no JSON: {error.msg} (character {error.pos})")
    found = _row_or_fault(document, shape)
    if not isinstance(found, Fault) and not _is_utf8(body) and not _all_utf8(found):
        return Fault("decode", "a value that is read is not UTF-8")
    return found


def _row_or_fault(document: object, shape: Shape) -> Row | Fault:
    if isinstance(document, dict):
        return _row(document, shape)
    return Fault("not_object", f"JSON {_KINDS.get(type(document), 'null')}, no object")


def is_too_deep(value: bytes) -> bool:
    """Whether more than ``MAX_DEPTH`` objects and arrays are open at once."""
    if len(value) <= NEVER_TOO_DEEP or value.count(b"{") + value.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in _BRACKETS_OUTSIDE_TEXTS.finditer(value):
        depth += bool(bracket[1]) - bool(bracket[2])
        if depth > MAX_DEPTH:
            return True
    return False


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # an integer of more digits than Python converts
        return json.loads(text, parse_int=_any_integer)


def _any_integer(digits: str) -> float:
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def _row(document: dict[str, object], shape: Shape) -> Row:
    found = document.get
    branches = ((found(key), branch) for key, branch in shape.branches)
    return (
        *(number_cell(found(key)) for key in shape.numbers),
        *(scalar_cell(found(key)) for key in shape.scalars),
        *(_row(inner, branch) if isinstance(inner, dict) else None for inner, branch in branches),
    )


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _all_utf8(row: Row) -> bool:
    return all(_all_utf8(cell) if isinstance(cell, tuple) else _is_clean(cell) for cell in row)


def _is_clean(cell: object) -> bool:
    return not isinstance(cell, str) or not any("\ud800" <= char <= "\udfff" for char in cell)
