"""Ends a process whose client call never comes back.

Some calls of the Kafka client ignore their time-outs, and a thread that hangs in one cannot be
stopped from outside. A process that hangs holds partitions and does nothing; one that ends is
started again.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from stream_drift.runtime.clock import monotonic_seconds

EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h."""
LIMIT_SECONDS = 120.0
"""Far beyond every time-out of ours, and well below the 5 minutes after which a group gives up."""


@dataclass(frozen=True, slots=True)
class CallInProgress:
    """A call that has not returned yet, and for how long."""

    name: str
    seconds: float


def dump_stacks(call: CallInProgress) -> None:
    """Write to stderr which call is stuck, and the stack of every thread."""
    text = f"stream-drift: the call {call.name!r} has not returned for {call.seconds:.0f} s"
    print(text, file=sys.stderr, flush=True)  # noqa: T201  # logging may hang on what is stuck
    faulthandler.dump_traceback(sys.stderr)


class Watchdog:
    """Knows every guarded call in progress; its thread ends the process when one takes too long.

    Calls may nest (a commit from within a poll); the inner one counts until it returns, then the
    outer one goes on from where it began.

    Parameters
    ----------
    limit_seconds
        No healthy call takes so long, listeners and time-outs included.
    end_process
        Called with the exit code, after ``dump``; never expected to return.
    dump
        Writes what every thread is doing, for whoever looks for the reason.
    """

    def __init__(
        self,
        limit_seconds: float = LIMIT_SECONDS,
        end_process: Callable[[int], object] = os._exit,
        dump: Callable[[CallInProgress], None] = dump_stacks,
        clock: Callable[[], float] = monotonic_seconds,
    ) -> None:
        self._limit_seconds = limit_seconds
        self._end_process = end_process
        self._dump = dump
        self._clock = clock
        self._calls: dict[int, _Call] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def guard(self, call: str) -> _Call:
        """A context in which ``call`` is in progress; clients enter it."""
        return _Call(call, self._calls, self._clock)

    def longest(self) -> CallInProgress | None:
        """The call that has been in progress for the longest time, for health pages."""
        now = self._clock()
        calls = [CallInProgress(call.name, now - call.since) for call in list(self._calls.values())]
        return max(calls, key=lambda call: call.seconds, default=None)

    def check(self) -> None:
        """End the process if a call is stuck; the thread does this again and again."""
        longest = self.longest()
        if longest is not None and longest.seconds > self._limit_seconds:
            self._dump(longest)
            self._end_process(EXIT_CODE)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer; may be called twice."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(self._limit_seconds / 4):
            self.check()


@dataclass(slots=True)
class _Call:
    name: str
    _calls: dict[int, _Call]
    _clock: Callable[[], float]
    since: float = 0.0
    _outer: _Call | None = field(default=None, init=False)

    def __enter__(self) -> None:
        self.since = self._clock()
        thread = threading.get_ident()
        self._outer = self._calls.get(thread)
        self._calls[thread] = self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        thread = threading.get_ident()
        if self._outer is None:
            del self._calls[thread]
        else:
            self._calls[thread] = self._outer
