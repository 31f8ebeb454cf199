"""What is logged, and what never is."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog

from stream_drift.runtime.logs import REDACTED, configure, get_logger


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def configured(level: int | str = "INFO", **kwargs: bool) -> io.StringIO:
    """A new stream that gets the logs, as in a program: without pytest's handlers."""
    stream = io.StringIO()
    logging.getLogger().handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    ]
    configure(stream, level, **kwargs)
    return stream


def test_line_is_json_with_the_wanted_first() -> None:
    stream = configured()
    get_logger("stream_drift.profile").info("pane closed", monitor="m", n=7)
    [line] = lines(stream)
    assert list(line) == ["timestamp", "level", "logger", "event", "monitor", "n"]
    assert datetime.fromisoformat(line.pop("timestamp")).utcoffset() == timedelta(0)
    assert line == {
        "level": "info",
        "logger": "stream_drift.profile",
        "event": "pane closed",
        "monitor": "m",
        "n": 7,
    }


def test_terminal_gets_readable_lines_unless_json_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    configure(terminal, "INFO", force_json=None)
    get_logger("a").warning("pane closed", n=7)
    configure(terminal, "INFO", force_json=True)
    get_logger("a").warning("pane closed", n=8)
    readable, as_json = terminal.getvalue().splitlines()
    assert "pane closed" in readable
    assert "n=7" in readable
    assert json.loads(as_json)["n"] == 8


def test_colours_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        configure(stream, "INFO", force_json=False)
        get_logger("a").info("x")
    assert "\x1b[" in terminal.getvalue()
    assert "\x1b[" not in file.getvalue()


def test_text_of_records_drives_no_terminal() -> None:
    stream = configured(force_json=False)
    get_logger("a").info("one\ntwo", detail="\x1b[2J\x07")
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()


def test_only_the_wanted_levels_are_written() -> None:
    stream = configured(logging.WARNING)
    get_logger("a").info("no")
    logging.getLogger("b").info("no")
    get_logger("a").warning("yes")
    assert [line["event"] for line in lines(stream)] == ["yes"]


def test_standard_logging_takes_the_same_way() -> None:
    stream = configured()
    logging.getLogger("librdkafka").warning("FAIL %s", "broker", extra={"token": "t", "n": 1})
    [line] = lines(stream)
    del line["timestamp"]
    assert line == {
        "level": "warning",
        "logger": "librdkafka",
        "event": "FAIL broker",
        "token": REDACTED,
        "n": 1,
    }


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "ssl.key.password",
        "ssl.key.pem",
        "sasl.username",
        "sasl.oauthbearer.config",
        "client_secret",
        "API_KEY",
        "apiKey",
        "routing_key",
        "key",
        "access-token",
    ],
)
def test_secrets_are_never_written(name: str) -> None:
    for force_json in (True, False):
        stream = configured(force_json=force_json)
        fields: dict[str, Any] = {name: "hunter2", "nested": [{"deep": {name: ["hunter2"]}}]}
        get_logger("a").info("connecting", **fields)
        logging.getLogger("b").info("connecting", extra=fields)
        assert "hunter2" not in stream.getvalue()
        assert stream.getvalue().count(REDACTED) == 4


@pytest.mark.parametrize(
    "name", ["monitor", "topic", "n_keys", "bootstrap.servers", "security.protocol", "nasal"]
)
def test_other_values_are_written(name: str) -> None:
    stream = configured()
    get_logger("a").info("x", **{name: "seen"})
    assert lines(stream)[0][name] == "seen"


@pytest.mark.parametrize("force_json", [True, False])
def test_traceback_is_written_without_local_variables(*, force_json: bool) -> None:
    def fail() -> None:
        opened = "hunter" + "2"
        message = f"cannot open {len(opened)} things"
        raise ValueError(message)

    stream = configured(force_json=force_json)
    for log in (get_logger("a"), logging.getLogger("b")):
        try:
            fail()
        except ValueError:
            log.exception("failed")
    assert stream.getvalue().count("ValueError: cannot open 7 things") == 2
    assert "hunter2" not in stream.getvalue()


def test_any_value_makes_a_line_that_any_reader_takes() -> None:
    stream = configured()
    get_logger("a").info("\ud800", nan=float("nan"), pairs={("t", 0): {1}}, what=object, b=b"\xff")
    json.loads(stream.getvalue(), parse_constant=pytest.fail)
    assert lines(stream)[0]["pairs"] == {"('t', 0)": [1]}


def test_configured_again_writes_to_the_new_stream_only() -> None:
    old, new = configured(), configured()
    get_logger("a").info("x")
    logging.getLogger("b").info("x")
    assert old.getvalue() == ""
    assert len(lines(new)) == 2


def test_import_configures_nothing() -> None:
    code = (
        "import logging, structlog, stream_drift.runtime.logs as logs\n"
        "logs.get_logger('a')\n"
        "assert not structlog.is_configured()\n"
        "assert not logging.getLogger().handlers\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_kafka_client_says_the_same_thing_only_once_in_a_while() -> None:
    stream = io.StringIO()
    configure(stream, "INFO")
    client = logging.getLogger("stream_drift.kafka")
    for port in (9092, 9093, 9094):
        client.error("FAIL [thrd:localhost:%d]: Connection refused (after %dms)", port, port)
    client.error("another thing")
    assert len(stream.getvalue().splitlines()) == 2
