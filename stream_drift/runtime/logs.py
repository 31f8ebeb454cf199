"""One way for everything that is logged: ours, the standard library's and librdkafka's."""

from __future__ import annotations

import logging
import math
import os
import re
from collections.abc import Mapping
from typing import Any, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from stream_drift.runtime.clock import monotonic_seconds

REDACTED = "***"
KAFKA_LOGGER = "stream_drift.kafka"
SAY_AGAIN_SECONDS = 60.0
MOST_REMEMBERED = 1_000
_FIGURES = re.compile(r"\d+")
_SECRET = re.compile(
    r"^sasl\b|password|passphrase|secret|token|credential|key$|key[._-]", re.IGNORECASE
)
_FIRST = ("timestamp", "level", "logger", "event")


class _Seldom(logging.Filter):
    """Lets the Kafka client say the same thing only once in a while.

    It tries, and complains, several times a second while a broker is away.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line was not said lately; figures in it do not make it another one."""
        if record.name != KAFKA_LOGGER:
            return True
        text = _FIGURES.sub("", record.getMessage())
        now = monotonic_seconds()
        lately = now - self._said.get(text, -SAY_AGAIN_SECONDS) < SAY_AGAIN_SECONDS
        if not lately:
            self._said[text] = now
        if len(self._said) > MOST_REMEMBERED:
            self._said.clear()
        return not lately


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines carry ``name``; may be called before `configure`."""
    return structlog.stdlib.get_logger(name)


def configure(stream: TextIO, level: int | str, *, force_json: bool | None = None) -> None:
    """Send all logs to ``stream``: readable on a terminal, one JSON object per line otherwise.

    For the program itself, once, at its start; a later call replaces what an earlier one did.
    Values whose name says that they are secret are never written, nor the local variables of
    a traceback.

    Parameters
    ----------
    level
        The least level that is written, as `logging` names or numbers it.
    force_json
        Overrules what ``stream`` is.
    """
    as_json = not stream.isatty() if force_json is None else force_json
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(handler)
    handler = logging.StreamHandler(stream)
    colors = stream.isatty() and not os.environ.get("NO_COLOR")
    handler.setFormatter(_formatter(as_json=as_json, colors=colors))
    handler.addFilter(_Seldom())
    root.addHandler(handler)
    root.setLevel(level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *_enriched(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _enriched() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(*, as_json: bool, colors: bool) -> logging.Formatter:
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        last += [
            structlog.processors.format_exc_info,
            _safe,
            structlog.processors.JSONRenderer(),
        ]
    else:
        last += [
            _safe,
            _printable,
            structlog.dev.ConsoleRenderer(
                colors=colors, exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_enriched()], processors=last
    )


def _safe(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Without secrets, what is most wanted first."""
    order = [*(name for name in _FIRST if name in event), *event]
    return {name: _value(name, event[name]) for name in dict.fromkeys(order)}


def _printable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Texts that may come from records drive no terminal."""
    return {
        name: repr(value)[1:-1] if isinstance(value, str) and not value.isprintable() else value
        for name, value in event.items()
    }


def _value(name: str, value: Any) -> Any:
    """``value`` as JSON can hold it, redacted where ``name`` says so."""
    if _SECRET.search(name):
        return REDACTED
    if isinstance(value, Mapping):
        return {str(key): _value(str(key), each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_value("", each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
