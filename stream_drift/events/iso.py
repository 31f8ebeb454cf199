"""ISO 8601 texts of one layout, read all at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import compress

import numpy as np
from numpy.typing import NDArray

_LAYOUT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|[+-](\d\d):(\d\d))?)?",
    re.ASCII,
)
_FRACTION = 6  # its index among the fields; only its first three digits count
_HIGHEST_DIGIT = 9
_DAY_MS = 86_400_000
_HIGHEST = np.array([9999, 12, 31, 23, 59, 59, 999, 23, 59])[:, None]
_LOWEST = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0])[:, None]
_UNITS_MS = np.array([3_600_000, 60_000, 1000, 1])


def iso_texts_ms(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Milliseconds since 1970 UTC of the texts that are laid out as the first one is.

    Ten times as fast as reading them one by one, and producers write one layout.

    Returns
    -------
    times_ms
        int64, shape (n,); 0 where not read.
    read
        bool, shape (n,); the others may still be times, of another layout.
    """
    times = np.zeros(len(texts), np.int64)
    layout = _LAYOUT.fullmatch(texts[0])
    if layout is None:
        return times, np.zeros(len(texts), np.bool_)
    read = np.fromiter(map(len, texts), np.int64, len(texts)) == len(texts[0])
    alike = texts if read.all() else list(compress(texts, read.tolist()))
    characters = np.frombuffer("".join(alike).encode("ascii", "replace"), np.uint8)
    found, good = _read(characters.reshape(-1, len(texts[0])).T, layout)
    times[read] = found
    read[read] = good
    return times, read


def _read(
    characters: NDArray[np.uint8], layout: re.Match[str]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The times of texts, shape (n_characters, n), and which of them are laid out so."""
    is_digit, weights = _digits(layout.regs)
    signs = np.frombuffer(layout[0].encode(), np.uint8)[~is_digit, None]
    digits = characters[is_digit] - ord("0")
    good = (digits <= _HIGHEST_DIGIT).all(axis=0)
    good &= (characters[~is_digit] == signs).all(axis=0)
    fields = (weights @ digits.astype(np.float64)).astype(np.int64)
    good &= ((fields >= _LOWEST) & (fields <= _HIGHEST)).all(axis=0)
    fields[:, ~good] = _LOWEST
    months = ((fields[0] - 1970) * 12 + fields[1] - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + fields[2] - 1
    good &= days.astype("datetime64[D]").astype("datetime64[M]") == months
    zone_ms = _UNITS_MS[:2] @ fields[7:] * (-1 if layout[0][-6:-5] == "-" else 1)
    return days * _DAY_MS + _UNITS_MS @ fields[3:7] - zone_ms, good


@lru_cache(maxsize=32)
def _digits(
    spans: tuple[tuple[int, int], ...],
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Where the digits stand, and what each adds to year, month, day, hour, ..., zone minute."""
    (_, length), *fields = spans
    weights = np.zeros((len(fields), length))
    is_digit = np.zeros(length, np.bool_)
    for field, (start, end) in enumerate(fields):
        top = 2 if field == _FRACTION else end - start - 1
        weights[field, start:end] = np.floor(10.0 ** (top - np.arange(end - start)))
        is_digit[start:end] = True
    return is_digit, weights[:, is_digit]
