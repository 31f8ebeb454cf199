"""Scalars of the configuration that are more than a number or a name.

Every parser takes what stands in the file and raises `ValueError` with words that begin with
"must", so that a message reads ``KEY: must be …, not 'VALUE'``; a second argument is the value
that was probably meant.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import zoneinfo
from pathlib import Path

from stream_drift.config.document import Quoted
from stream_drift.config.mistakes import nearest
from stream_drift.config.settings import Effect, LearningSettings
from stream_drift.events.category import category_text

INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,2})?")
FRACTION = re.compile(r"([0-9]{1,9}) ?/ ?([1-9][0-9]{0,8})")
BOOLEANS = {"true": True, "false": False}


def parse_text(value: object) -> str:
    """Any single value, as it is written."""
    if not isinstance(value, str) or value == "":
        message = "must be a text"
        raise ValueError(message)
    return str(value)


def parse_category(value: object) -> str:
    """A single value as category text: outside of quotes 17.0 is the number 17."""
    if value == "":
        return ""
    text = parse_text(value)
    return category_text(text if isinstance(value, Quoted) else _plain(text))


def parse_path(value: object) -> tuple[str, ...]:
    """A dotted path into the event."""
    if not isinstance(value, str) or not all(value.split(".")):
        message = "must be the name of a field, or a dotted path such as price.adr"
        raise ValueError(message)
    return tuple(value.split("."))


def parse_rate(value: object) -> float:
    """A share in (0, 1], as a fraction or a decimal number."""
    text = value if isinstance(value, str) else ""
    fraction = FRACTION.fullmatch(text)
    if fraction:
        rate = int(fraction[1]) / int(fraction[2])
    else:
        rate = float(text) if REAL.fullmatch(text) else 0.0
    if not 0 < rate <= 1:
        message = "must be a share such as 1/16, 0.25 or 1"
        raise ValueError(message)
    return rate


def parse_effect(value: object) -> Effect:
    """``5`` in the feature's units, ``0.05 sd`` in reference sd."""
    text = str(value).strip() if isinstance(value, str) else ""
    number = text.removesuffix("sd").strip()
    if not REAL.fullmatch(number) or not 0 < float(number) < math.inf:
        message = "must be a size above 0 such as 5 (the feature's units) or '0.05 sd'"
        raise ValueError(message)
    return Effect(float(number), "sd" if text.endswith("sd") else "feature")


def parse_sd(value: object) -> Effect:
    """A size in reference sd; the unit may be left out."""
    try:
        return Effect(parse_effect(value).size, "sd")
    except ValueError as error:
        message = "must be a size above 0 in reference sd, such as 0.05"
        raise ValueError(message) from error


def parse_timezone(value: object) -> str:
    """A zone of the IANA database."""
    try:
        return zoneinfo.ZoneInfo(parse_text(value)).key
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as error:
        meant = nearest(str(value), zoneinfo.available_timezones())
        message = "must be a time zone such as Europe/Lisbon"
        raise ValueError(message, meant) from error


def parse_instant(value: object) -> int:
    """An ISO 8601 date or time in ms since the epoch; UTC where it names no zone."""
    try:
        moment = dt.datetime.fromisoformat(parse_text(value))
    except ValueError as error:
        message = "must be a date or time such as 2026-01-31 or 2026-01-31T12:00:00Z"
        raise ValueError(message) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return round(moment.timestamp() * 1000)


def parse_history(value: object) -> LearningSettings:
    """A file, files by topic, or ``since`` and ``until``."""
    match value:
        case str() if value:
            return LearningSettings(history=((None, Path(value)),))
        case dict() if value and set(value) <= {"since", "until"}:
            since, until = value.get("since"), value.get("until")
            return LearningSettings(
                since_ms=parse_instant(since) if since else None,
                until_ms=parse_instant(until) if until else None,
            )
        case dict() if value and all(isinstance(file, str) for file in value.values()):
            files = tuple((str(topic), Path(file)) for topic, file in value.items())
            return LearningSettings(history=files)
    message = "must be a file, files by topic ({TOPIC: FILE}), or {since: …, until: …}"
    raise ValueError(message)


def _plain(text: str) -> object:
    if text.lower() in BOOLEANS:
        return BOOLEANS[text.lower()]
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if REAL.fullmatch(text) else text
