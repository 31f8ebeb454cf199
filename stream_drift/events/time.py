"""Event time in whole milliseconds since 1970 UTC, from the forms that producers use."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.iso import iso_texts_ms

NO_TIME = int(np.iinfo(np.int64).min)
"""In place of the time of a value that is none."""

_LIMIT = 2**63 - 1024  # the largest float in 64 bits; as nanoseconds it is past all plausible times
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - texts without a zone are UTC
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")

# Plausible times are years away from these limits: 1e11 s is 5138, 1e11 ms is 1973, and so on.
_SECONDS_BELOW, _MILLIS_BELOW, _MICROS_BELOW = 10**11, 10**14, 10**17


def times_ms(column: Sequence[object]) -> NDArray[np.int64]:
    """The time of every value of a column; ``NO_TIME`` where it is none.

    Parameters
    ----------
    column
        Numbers since 1970 in seconds, milli-, micro- or nanoseconds, told apart by their size;
        ISO 8601 with or without a zone (then UTC); such numbers as text. Anything else is no time.

    Notes
    -----
    Fractions of a millisecond are cut off, those of seconds in floats after rounding to whole
    microseconds. Numbers beyond 64 bits count as the largest within.
    """
    times = _whole_numbers_ms(column)
    if times is not None:
        return times
    kinds = set(map(type, column))
    if kinds == {float}:
        return _floats_ms(np.array(column, np.float64))
    if kinds == {str}:
        return _texts_ms(cast("Sequence[str]", column))
    return np.array([time_ms(value) for value in column], np.int64)


def time_ms(value: object) -> int:
    """The time of one value; ``NO_TIME`` where it is none.

    Examples
    --------
    >>> [time_ms(1_700_000_000), time_ms("2023-11-14T22:13:20Z"), time_ms("2023-11-14 22:13:20")]
    [1700000000000, 1700000000000, 1700000000000]
    """
    if isinstance(value, bool):
        return NO_TIME
    if isinstance(value, int | float):
        return _number_ms(value)
    return _text_ms(value) if isinstance(value, str) else NO_TIME


def _number_ms(value: float) -> int:
    if not -math.inf < value < math.inf:
        return NO_TIME
    value = max(-_LIMIT, min(_LIMIT, value))
    size = abs(value)
    if size < _SECONDS_BELOW:
        return value * 1000 if isinstance(value, int) else round(value * 1e6) // 1000
    if size < _MILLIS_BELOW:
        return math.floor(value)
    return math.floor(value) // (1000 if size < _MICROS_BELOW else 1_000_000)


def _text_ms(text: str) -> int:
    if _NUMBER.fullmatch(text):
        return _number_ms(float(text) if "." in text else int(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return NO_TIME
    return (moment - (_EPOCH if moment.tzinfo is None else _EPOCH_UTC)) // _MILLISECOND


def _whole_numbers_ms(column: Sequence[object]) -> NDArray[np.int64] | None:
    """The times of integers; ``None`` if there is anything else, or may be."""
    try:
        packed = struct.pack(f"{len(column)}q", *column)
    except struct.error:
        return None
    values = np.frombuffer(packed, np.int64)
    if ((values >= _SECONDS_BELOW) & (values < _MILLIS_BELOW)).all():
        return values
    may_be_booleans = (values == 0) | (values == 1)
    return None if may_be_booleans.any() else _integers_ms(values)


def _texts_ms(column: Sequence[str]) -> NDArray[np.int64]:
    times, read = iso_texts_ms(column)
    for row in np.flatnonzero(~read).tolist():
        times[row] = _text_ms(column[row])
    return times


def _integers_ms(values: NDArray[np.int64]) -> NDArray[np.int64]:
    values = np.clip(values, -_LIMIT, _LIMIT)
    size = np.abs(values)
    divisor = np.where(size < _MILLIS_BELOW, 1, np.where(size < _MICROS_BELOW, 1000, 1_000_000))
    return np.where(size < _SECONDS_BELOW, values * 1000, values // divisor)


def _floats_ms(values: NDArray[np.float64]) -> NDArray[np.int64]:
    finite = np.isfinite(values)
    values = np.clip(np.where(finite, values, 0.0), -_LIMIT, _LIMIT)
    seconds = np.abs(values) < _SECONDS_BELOW
    micros = np.rint(np.where(seconds, values, 0.0) * 1e6).astype(np.int64)
    whole = _integers_ms(np.floor(values).astype(np.int64))
    return np.where(finite, np.where(seconds, micros // 1000, whole), NO_TIME)
