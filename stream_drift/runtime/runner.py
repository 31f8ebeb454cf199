"""Keeps one role running: builds it, steps it, and builds it anew after a broker's failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from stream_drift.errors import BrokerError

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A role that ran this long starts its pauses anew when it fails."""
STALE_SECONDS = 60.0
"""A role that has not stepped for this long is stuck."""

_log = structlog.get_logger("stream_drift.runner")


class Role(Protocol):
    """A loop's body; see `ProfileRole` and `DetectRole`."""

    def start(self) -> None:
        """Join the group."""

    def step(self) -> None:
        """Do a bounded piece of work."""

    def stop(self) -> None:
        """Leave with everything written and committed."""

    def problem(self) -> str | None:
        """Why it does not do all of its work now, if so; called from any thread."""


class Runner:
    """Runs one role in a thread of its own.

    A `BrokerError` ends the role's life, not the process: after a growing pause a new one takes
    up from what is committed. So it is with `renew`, without a pause. Any other error is a defect
    and ends the process.
    """

    def __init__(self, name: str, build: Callable[[], Role], on_defect: Callable[[], None]) -> None:
        self.name = name
        self.role: Role | None = None
        self.problem: str | None = "starting"
        self.defect: BaseException | None = None
        self._build = build
        self._on_defect = on_defect
        self._stop = threading.Event()
        self._renew = threading.Event()
        self._told: str | None = None
        self._stepped = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=name)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the role to finish; returns at once."""
        self._stop.set()

    def renew(self) -> None:
        """Ask the role to finish and to be built anew without a pause; returns at once."""
        self._renew.set()

    def join(self, timeout_seconds: float) -> bool:
        """Wait for the end; False where it did not come in time."""
        self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def alive_problem(self) -> str | None:
        """Why the process should be replaced, if it should."""
        silent = time.monotonic() - self._stepped
        return f"stuck for {silent:.0f} s" if silent > STALE_SECONDS else None

    def ready_problem(self) -> str | None:
        """Why the role does not serve, if it does not."""
        role = self.role
        return self.problem if role is None else role.problem()

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._live()
                pause = FIRST_PAUSE_SECONDS
                continue
            except BrokerError as error:
                self.problem = str(error)
                _log.error("role failed, will be built anew", role=self.name, error=str(error))
            except BaseException as error:  # noqa: BLE001 - reported by whoever joins this thread
                self.defect = error
                self._on_defect()
                return
            if time.monotonic() - began > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._pause(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _live(self) -> None:
        self._renew.clear()
        role = self._build()
        try:
            role.start()
            self.role, self.problem = role, None
            while not self._asked_to_leave():
                role.step()
                self._stepped = time.monotonic()
                self._tell(role.problem())
            self.problem = "stopping" if self._stop.is_set() else "taking up a new configuration"
        except BrokerError as error:
            self.problem = str(error)
            raise
        finally:
            self.role = None
            role.stop()

    def _tell(self, problem: str | None) -> None:
        """Log a problem when it comes or changes, and once when it is over."""
        if problem == self._told:
            return
        self._told = problem
        if problem is None:
            _log.info("role does all of its work again", role=self.name)
        else:
            _log.warning("role does not do all of its work", role=self.name, problem=problem)

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._asked_to_leave():
            self._stop.wait(0.5)
            self._stepped = time.monotonic()

    def _asked_to_leave(self) -> bool:
        return self._stop.is_set() or self._renew.is_set()
