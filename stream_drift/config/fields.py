"""The types of single keys: how each is read, and how a JSON Schema describes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator

from stream_drift.config.durations import (
    DAY_MS,
    PATTERN,
    SECOND_MS,
    format_duration,
    parse_duration,
)
from stream_drift.config.settings import (
    RESERVED_FEATURES,
    Effect,
    LearningSettings,
    WindowSettings,
)
from stream_drift.config.values import (
    parse_category,
    parse_effect,
    parse_history,
    parse_instant,
    parse_path,
    parse_rate,
    parse_sd,
    parse_text,
    parse_timezone,
)

Scalar = str | float | bool
"""A single value of any kind, for a JSON Schema."""
DurationText = Annotated[str, Field(pattern=PATTERN)]

SHORTEST_PANE_MS = 10 * SECOND_MS
LONGEST_PANE_MS = DAY_MS
LONGEST_WINDOW_MS = 35 * DAY_MS
LONGEST_NAME = 100
ALL_FEATURES = "*"


def written(value: object) -> Any:
    """A default in the words of the file; the model reads it like any other value."""
    return value


def as_key(key: str) -> Callable[[object], object]:
    """Take a single value as a mapping of one key: ``number`` means ``{type: number}``."""

    def expand(value: object) -> object:
        if value is None:
            return {}
        return {key: value} if isinstance(value, str) else value

    return expand


def _between(low_ms: int, high_ms: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        length_ms = parse_duration(value)
        if not low_ms <= length_ms <= high_ms:
            message = f"must be from {format_duration(low_ms)} to {format_duration(high_ms)} long"
            raise ValueError(message)
        return length_ms

    return parse


def _some(value: object) -> int:
    length_ms = parse_duration(value)
    if length_ms == 0:
        message = "must be longer than nothing"
        raise ValueError(message)
    return length_ms


def _pane(value: object) -> int:
    length_ms = _between(SHORTEST_PANE_MS, LONGEST_PANE_MS)(value)
    if DAY_MS % length_ms:
        message = "must divide a day into equal parts, as 5m, 15m and 1h do"
        raise ValueError(message)
    return length_ms


def _window(value: object) -> WindowSettings:
    return WindowSettings(str(value), _between(SHORTEST_PANE_MS, LONGEST_WINDOW_MS)(value))


def _length(value: object) -> int | None:
    if value == "none":
        return None
    try:
        return _between(DAY_MS, LONGEST_WINDOW_MS * 10)(value)
    except ValueError as error:
        message = "must be a length from 1d to 350d such as 14d, or none, or {history: FILE}"
        raise ValueError(message) from error


def _named(pattern: str, words: str) -> Callable[[object], str]:
    allowed = re.compile(pattern)

    def parse(value: object) -> str:
        if not (isinstance(value, str) and allowed.fullmatch(value)):
            message = f"must be {words}"
            raise ValueError(message)
        return str(value)

    return parse


def _feature_name(value: str) -> str:
    if value in RESERVED_FEATURES:
        message = (
            "must be another name: 'prediction' and 'score' are the features of the prediction "
            f"itself (a field called {value!r} is read by a feature with path: {value})"
        )
        raise ValueError(message)
    if not value.strip() or value == ALL_FEATURES or len(value) > LONGEST_NAME:
        message = f"must be a name of 1 to {LONGEST_NAME} characters, and not '*'"
        raise ValueError(message)
    return value


NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
TOPIC = r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}"
_name = _named(NAME, "1 to 100 letters, digits, '.', '_' or '-', the first a letter or digit")
_topic = _named(TOPIC, "the name of a topic: letters, digits, '.', '_' or '-'")

Text = Annotated[str, PlainValidator(parse_text, json_schema_input_type=str)]
Version = Annotated[str, PlainValidator(parse_text, json_schema_input_type=Scalar)]
CategoryText = Annotated[str, PlainValidator(parse_category, json_schema_input_type=Scalar)]
KafkaValue = Annotated[str, PlainValidator(parse_text, json_schema_input_type=Scalar)]
FieldPath = Annotated[tuple[str, ...], PlainValidator(parse_path, json_schema_input_type=str)]
Name = Annotated[str, PlainValidator(_name, json_schema_input_type=str)]
MonitorName = Annotated[str, AfterValidator(_name)]
FeatureName = Annotated[str, AfterValidator(_feature_name)]
Topic = Annotated[str, PlainValidator(_topic, json_schema_input_type=str)]
Duration = Annotated[int, PlainValidator(_some, json_schema_input_type=DurationText)]
Delay = Annotated[int, PlainValidator(parse_duration, json_schema_input_type=DurationText)]
Pane = Annotated[int, PlainValidator(_pane, json_schema_input_type=DurationText)]
Window = Annotated[WindowSettings, PlainValidator(_window, json_schema_input_type=DurationText)]
Length = Annotated[int | None, PlainValidator(_length, json_schema_input_type=str)]
TimeZone = Annotated[str, PlainValidator(parse_timezone, json_schema_input_type=str)]
Rate = Annotated[float, PlainValidator(parse_rate, json_schema_input_type=str | float)]
EffectSize = Annotated[Effect, PlainValidator(parse_effect, json_schema_input_type=str | float)]
SdSize = Annotated[Effect, PlainValidator(parse_sd, json_schema_input_type=str | float)]
Instant = Annotated[int, PlainValidator(parse_instant, json_schema_input_type=str)]
History = Annotated[
    LearningSettings,
    PlainValidator(parse_history, json_schema_input_type=str | dict[str, str]),
]
