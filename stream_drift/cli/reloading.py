"""One process after the other: the running one goes on until the next one can be built."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from stream_drift.app import Process, RunOptions
from stream_drift.config.load import load_settings
from stream_drift.config.settings import Settings
from stream_drift.errors import StreamDriftError
from stream_drift.metrics import RELOAD_SUCCESSFUL, RELOAD_TIME, Sample
from stream_drift.runtime import clock
from stream_drift.runtime.logs import get_logger
from stream_drift.web.reload import Reload

UNDER_WAY = "another reload is under way"

_log = get_logger("stream_drift.reload")


class Reloading:
    """Runs the service, and anew for every configuration that can be used, until it is stopped.

    SIGHUP and ``POST /-/reload`` read the configuration and the references again. Where these
    cannot be used, what runs goes on, and the reason is told and logged. Else the roles finish as
    at any stop, and new ones take over from what stands in Kafka.

    Raises
    ------
    StreamDriftError
        Where the first configuration cannot be used.
    """

    def __init__(self, config: Path, options: RunOptions) -> None:
        self._config = config
        self._options = options
        self._hung_up = threading.Event()
        self._reloading = threading.Lock()
        self._successful = True
        self._loaded_ms = clock.now_ms()
        self._next: Process | None = None
        self._current = self._build(load_settings(config))

    def run(self, on_serving: Callable[[int, Settings], None]) -> None:
        """Serve until a signal; ``on_serving`` is told port and settings of every process."""
        signal.signal(signal.SIGHUP, lambda *_: self._hung_up.set())
        threading.Thread(target=self._listen, name="reload", daemon=True).start()
        before: Process | None = None
        while True:
            self._current.service.watch_signals()
            if before is not None and before.service.is_signalled:
                return
            self._serve(before, on_serving)
            before = self._current
            if self._next is None or before.service.is_signalled:
                return
            self._current, self._next = self._next, None

    def reload(self) -> str | None:
        """Read everything again; what is wrong with it, or ``None``. Called from any thread."""
        if not self._reloading.acquire(blocking=False):
            return UNDER_WAY
        try:
            if self._next is not None:
                return UNDER_WAY
            self._next = self._build(load_settings(self._config))
        except StreamDriftError as error:
            self._successful = False
            _log.error("configuration kept", reason=str(error))
            return str(error)
        finally:
            self._reloading.release()
        self._successful, self._loaded_ms = True, clock.now_ms()
        _log.info("configuration reloaded")
        self._current.service.stop()
        return None

    def _serve(self, before: Process | None, on_serving: Callable[[int, Settings], None]) -> None:
        """Run the current process; the one before it again if this one may not listen."""
        heard: list[int] = []

        def serving(port: int) -> None:
            heard.append(port)
            on_serving(port, self._current.settings)

        try:
            self._current.run(serving)
        except StreamDriftError as error:
            if heard or before is None:
                raise
            self._successful = False
            _log.error("configuration kept", reason=str(error))
            self._current = self._build(before.settings)
            self._current.service.watch_signals()
            self._current.run(serving)

    def _build(self, settings: Settings) -> Process:
        return Process(settings, self._options, reload=Reload(self.reload, self._samples))

    def _listen(self) -> None:
        while self._hung_up.wait():
            self._hung_up.clear()
            self.reload()

    def _samples(self) -> Iterator[Sample]:
        yield RELOAD_SUCCESSFUL, (), float(self._successful)
        yield RELOAD_TIME, (), self._loaded_ms / 1000
