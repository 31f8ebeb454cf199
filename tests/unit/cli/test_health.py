"""The command that a container's health check is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from stream_drift.web.exposition import Exposition
from stream_drift.web.server import WebServer
from tests.support.ports import free_port
from tests.support.program import cli


class Told:
    """A service that is as well as it is told to be."""

    def __init__(self, alive: Sequence[str] = (), ready: Sequence[str] = ()) -> None:
        self._alive, self._ready = alive, ready

    def alive_problems(self) -> Sequence[str]:
        return self._alive

    def ready_problems(self) -> Sequence[str]:
        return self._ready


@contextmanager
def serving(told: Told) -> Iterator[int]:
    server = WebServer("127.0.0.1", 0, Exposition([], 1), told)
    yield server.start()
    server.stop()


def test_service_that_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(Told()) as port:
        cli("health", "--url", f"http://127.0.0.1:{port}/")
    assert capsys.readouterr().out == "healthy\n"


def test_port_comes_from_the_environment_as_for_the_service(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Told()) as port:
        monkeypatch.setenv("STREAMDRIFT__HTTP__PORT", str(port))
        cli("health", "--ready")
    assert capsys.readouterr().out == "ready\n"


def test_service_that_lives_and_does_not_do_its_work(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(Told(ready=["detect: catching up"])) as port:
        cli("health", "--url", f"http://127.0.0.1:{port}")
        cli("health", "--url", f"http://127.0.0.1:{port}", "--ready", exit_code=1)
    assert capsys.readouterr() == ("healthy\n", "detect: catching up\n")


def test_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    cli("health", "--url", f"http://127.0.0.1:{free_port()}", exit_code=1)
    assert "nobody answers at" in capsys.readouterr().err


def test_address_must_be_of_the_web() -> None:
    cli("health", "--url", "file:///etc", exit_code=2)
