"""Lengths of time as people write them: ``30s``, ``5m``, ``1h``, ``14d``."""

from __future__ import annotations

import re

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
UNITS_MS = {"d": DAY_MS, "h": HOUR_MS, "m": MINUTE_MS, "s": SECOND_MS}
PATTERN = r"^[0-9]{1,9}[smhd]$"


def parse_duration(text: object) -> int:
    """Milliseconds; a `ValueError` says how a length of time is written.

    Examples
    --------
    >>> parse_duration("5m")
    300000
    """
    if not (isinstance(text, str) and re.fullmatch(PATTERN, text)):
        message = "must be a length of time such as 30s, 5m, 1h or 14d"
        raise ValueError(message)
    return int(text[:-1]) * UNITS_MS[text[-1]]


def format_duration(length_ms: int) -> str:
    """The shortest way to write whole seconds.

    Examples
    --------
    >>> format_duration(5_400_000), format_duration(0)
    ('90m', '0s')
    """
    for unit, unit_ms in UNITS_MS.items():
        if length_ms and length_ms % unit_ms == 0:
            return f"{length_ms // unit_ms}{unit}"
    return f"{length_ms // SECOND_MS}s"
