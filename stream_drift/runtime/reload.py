"""Takes up a changed configuration while the process runs; a bad one changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Literal

import structlog

from stream_drift.errors import StreamDriftError
from stream_drift.metrics import RELOAD_SUCCESSFUL, RELOAD_TIME, Sample

KEPT = "configuration kept"

Outcome = Literal["reloaded", "unchanged", "failed"]

_logger = structlog.get_logger("stream_drift.reload")


class Reloader:
    """Reloads when asked, from any thread, one reload at a time.

    Parameters
    ----------
    take_up
        Reads and checks everything anew; puts it into force only where all of it is good.
        Returns False where nothing has changed, raises where something is bad.
    """

    def __init__(self, take_up: Callable[[], bool], now_ms: Callable[[], int]) -> None:
        self._take_up = take_up
        self._now_ms = now_ms
        self._one_at_a_time = threading.Lock()
        self._last: Outcome = "reloaded"
        self._success_ms = now_ms()

    def reload(self) -> Outcome:
        """Take up what the configuration says now; the last good one stays where it is bad."""
        with self._one_at_a_time:
            self._last = self._outcome()
            if self._last != "failed":
                self._success_ms = self._now_ms()
            return self._last

    def samples(self) -> Iterable[Sample]:
        """What became of the last reload; the start counts as one."""
        yield RELOAD_SUCCESSFUL, (), float(self._last != "failed")
        yield RELOAD_TIME, (), self._success_ms / 1000

    def _outcome(self) -> Outcome:
        try:
            changed = self._take_up()
        except StreamDriftError as error:
            said = str(error)
            _logger.error(KEPT, error=said)  # noqa: TRY400  # a user's mistake has no stack
            return "failed"
        except Exception:
            _logger.exception(KEPT)
            return "failed"
        _logger.info("configuration reloaded" if changed else "configuration has not changed")
        return "reloaded" if changed else "unchanged"
