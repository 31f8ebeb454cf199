"""Reloads change what runs only where all is good; roles leave properly and come anew."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from stream_drift.errors import BrokerError, ConfigError
from stream_drift.metrics import RELOAD_SUCCESSFUL, RELOAD_TIME
from stream_drift.runtime.reload import Reloader
from stream_drift.runtime.runner import Runner
from tests.support.program import wait_for


def bad() -> bool:
    message = "c.yaml:3:1: no such key"
    raise ConfigError(message)


def broken() -> bool:
    return bool(1 / 0)


@pytest.mark.parametrize(
    ("take_up", "outcome", "good", "at_ms"),
    [
        (lambda: True, "reloaded", 1, 9_000),
        (lambda: False, "unchanged", 1, 9_000),
        (bad, "failed", 0, 5_000),
        (broken, "failed", 0, 5_000),
    ],
)
def test_the_last_reload_is_told(
    take_up: Callable[[], bool], outcome: str, good: float, at_ms: int
) -> None:
    times = iter([5_000, 9_000])
    reloader = Reloader(take_up, lambda: next(times))
    assert list(reloader.samples()) == [(RELOAD_SUCCESSFUL, (), 1), (RELOAD_TIME, (), 5)]
    assert reloader.reload() == outcome
    assert list(reloader.samples()) == [
        (RELOAD_SUCCESSFUL, (), good),
        (RELOAD_TIME, (), at_ms / 1000),
    ]


def test_the_log_says_what_is_bad() -> None:
    with capture_logs() as lines:
        Reloader(bad, lambda: 0).reload()
    assert [(line["log_level"], line.get("error")) for line in lines] == [
        ("error", "c.yaml:3:1: no such key")
    ]


@dataclass(eq=False)
class Recorded:
    """A role that notes its life; ``failure`` is raised by each step."""

    told: list[str]
    failure: Exception | None = None
    idle: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self.told.append("start")

    def step(self) -> None:
        if self.failure is not None:
            raise self.failure
        self.idle.wait(0.01)

    def stop(self) -> None:
        self.told.append("stop")

    def problem(self) -> str | None:
        return None


def test_a_renewed_role_leaves_before_its_successor_comes() -> None:
    told: list[str] = []
    runner = Runner("x", lambda: Recorded(told), lambda: None)
    runner.start()
    wait_for(lambda: runner.role, "a first role")
    first = runner.role
    runner.renew()
    wait_for(lambda: runner.role not in {None, first}, "a second role", 5)
    runner.stop()
    assert runner.join(5)
    assert told == ["start", "stop", "start", "stop"]


def test_a_role_that_waits_after_a_failure_is_built_at_once_when_renewed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stream_drift.runtime.runner.FIRST_PAUSE_SECONDS", 600.0)
    told: list[str] = []
    failures = [BrokerError("wrong password"), None]
    runner = Runner("x", lambda: Recorded(told, failures.pop(0)), lambda: None)
    runner.start()
    wait_for(lambda: told == ["start", "stop"], "the failure")
    runner.renew()
    wait_for(lambda: runner.ready_problem() is None, "the second role", 5)
    runner.stop()
    assert runner.join(5)
