"""The process: its roles, its signals, and a clean end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from types import FrameType

import structlog

from stream_drift.runtime.clock import monotonic_seconds
from stream_drift.runtime.runner import Runner

STOP_SECONDS = 25.0
"""What all roles together may take to finish; orchestrators kill after 30 s."""
EXIT_AT_ONCE = 130

_log = structlog.get_logger("stream_drift.service")


class Service:
    """Runs roles until a signal, a defect or `stop`; ``reload`` is called upon SIGHUP."""

    def __init__(self, runners: Sequence[Runner], reload: Callable[[], object]) -> None:
        self.runners = runners
        self._reload = reload
        self._hung_up = threading.Event()
        self._ended = threading.Event()
        self._signals = 0

    def watch_signals(self) -> None:
        """SIGTERM and SIGINT finish cleanly, a second one ends at once; SIGHUP reloads.

        Main thread only.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGHUP, lambda *_: self._hung_up.set())

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._signals += 1
        if self._signals > 1:
            os._exit(EXIT_AT_ONCE)
        _log.info("stopping", signal=signal.Signals(number).name)
        self._ended.set()

    def stop(self) -> None:
        """Let `run` finish; may be called from any thread."""
        self._ended.set()

    def run(self) -> None:
        """Run until told to stop.

        Raises
        ------
        BaseException
            The defect that ended a role, if one did.
        """
        for runner in self.runners:
            runner.start()
        # A wait without a timeout would keep signal handlers from running on some platforms.
        while not self._ended.wait(0.5):
            if self._hung_up.is_set():
                self._hung_up.clear()
                self._reload()
        for runner in self.runners:
            runner.stop()
        deadline = monotonic_seconds() + STOP_SECONDS
        late = [r.name for r in self.runners if not r.join(deadline - monotonic_seconds())]
        if late:
            _log.error("did not finish in time", roles=late)
            os._exit(1)
        for runner in self.runners:
            if runner.defect is not None:
                raise runner.defect
