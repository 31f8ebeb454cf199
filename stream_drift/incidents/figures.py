"""Numbers, shares, times and lengths of time as people read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

MOST_DIGITS = 6
MINUTE_SECONDS, HOUR_SECONDS, DAY_SECONDS = 60, 3_600, 86_400
LARGE = 1e15
"""From here on digits before the point tell nobody anything, below `SMALL` zeros behind it."""
SMALL = 1e-4
MINUS = "−"


def number(value: float | None, digits: int = 3) -> str:
    """A number to so many digits, the whole part always in full.

    Examples
    --------
    >>> number(96.34), number(0.01234), number(12_345.6), number(-2.0), number(None)
    ('96.3', '0.0123', '12,346', '−2', '?')
    """
    if value is None:
        return "?"
    if abs(value) >= LARGE or 0 < abs(value) < SMALL:
        return f"{value:.{digits}g}".replace("-", MINUS)
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else _leading_zeros(value)
    text = f"{value:,.{max(0, digits - whole)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", MINUS)


def _leading_zeros(value: float) -> int:
    """Minus the zeros between the point and the first digit."""
    return int(f"{value:e}".split("e")[1]) + 1 if value else 0


def percent(value: float | None, digits: int = 2) -> str:
    """A share.

    Examples
    --------
    >>> percent(0.0012), percent(0.123456), percent(1.0), percent(0.0)
    ('0.12 %', '12 %', '100 %', '0 %')
    """
    return "?" if value is None else f"{number(100 * value, digits)} %"


def pair(before: float | None, after: float | None, show: Callable[..., str] = number) -> str:
    """From one value to another, with as many digits as tell them apart.

    Examples
    --------
    >>> pair(96.2, 141.0), pair(100.21, 100.24), pair(0.0012, 0.12, percent), pair(2.0, 2.0)
    ('96.2 → 141', '100.21 → 100.24', '0.12 % → 12 %', '2 → 2')
    """
    shown = [show(before), show(after)]
    for digits in range(3, MOST_DIGITS + 1):
        if shown[0] != shown[1] or before == after:
            break
        shown = [show(before, digits), show(after, digits)]
    return " → ".join(shown)


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign; below ten with two digits behind the point.

    Examples
    --------
    >>> signed(0.4213), signed(-12.34), signed(0.0)
    ('+0.42', '−12.3', '+0')
    """
    whole = len(str(int(abs(value)))) - (abs(value) < 1)
    text = number(round(value, max(0, digits + 1 - max(whole, 1))), digits + min(whole, 1))
    return text if text.startswith(MINUS) else f"+{text}"


def moment(iso: str) -> str:
    """A time as people write it.

    Examples
    --------
    >>> moment("2026-09-21T14:25:00Z"), moment("2026-09-21T14:25:07.250Z")
    ('2026-09-21 14:25 UTC', '2026-09-21 14:25:07 UTC')
    """
    at = datetime.fromisoformat(iso)
    return f"{at:%Y-%m-%d %H:%M}{f':{at:%S}' if at.second else ''} UTC"


def span(earliest: str, latest: str, near: str) -> str:
    """Two times; only those of day where the reader knows the day from one ``near`` them.

    Examples
    --------
    >>> span("2026-09-21T14:10:00Z", "2026-09-21T14:40:00Z", "2026-09-21T14:25:00Z")
    '14:10 and 14:40'
    >>> span("2026-09-21T23:40:00Z", "2026-09-22T00:10:00Z", "2026-09-21T23:50:00Z")
    '2026-09-21 23:40 and 2026-09-22 00:10'
    """
    ends = [datetime.fromisoformat(end) for end in (earliest, latest)]
    day = datetime.fromisoformat(near).date()
    known = all(end.date() == day for end in ends)
    return " and ".join(f"{end:%H:%M}" if known else f"{end:%Y-%m-%d %H:%M}" for end in ends)


def length(begin: str, end: str) -> str:
    """The time between two times, in its two largest units.

    Examples
    --------
    >>> length("2026-09-21T14:25:00Z", "2026-09-22T17:45:10Z"), length("2026-01-01", "2026-01-01")
    ('1 d 3 h', '0 min')
    """
    seconds = int((datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds())
    return duration(max(0, seconds))


def duration(seconds: int) -> str:
    """Seconds in their two largest units.

    Examples
    --------
    >>> duration(300), duration(45), duration(11_400), duration(86_400)
    ('5 min', '45 s', '3 h 10 min', '1 d')
    """
    if 0 < seconds < MINUTE_SECONDS:
        return f"{seconds} s"
    days, rest = divmod(seconds, DAY_SECONDS)
    hours, rest = divmod(rest, HOUR_SECONDS)
    units = ((days, "d"), (hours, "h"), (rest // MINUTE_SECONDS, "min"))
    first = next((i for i, (n, _) in enumerate(units) if n), 2)
    shown = [f"{n} {unit}" for n, unit in units[first : first + 2] if n]
    return " ".join(shown) or "0 min"
