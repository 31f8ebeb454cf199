"""A running service: in threads of this process, or as a program of its own."""

from __future__ import annotations

import http.client
import json
import signal
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from prometheus_client.parser import text_string_to_metric_families

from stream_drift.config.load import load_settings
from stream_drift.engine.effects import PaneClosed, PaneMatured
from stream_drift.process import ROLES, RunOptions
from stream_drift.process import Process as WatchingProcess
from tests.support.process import Process
from tests.support.program import wait_for

TICK_MS = 200
CHECKPOINT_MS = 500

Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Pages:
    """What a service answers over HTTP."""

    port: int

    def get(self, path: str) -> tuple[int, str]:
        """Status and text; 0 where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as page:
                return page.status, page.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()
        except OSError:
            return 0, "nobody answers"

    def post(self, path: str) -> int:
        """The status of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with closing(connection):
            connection.request("POST", path)
            return connection.getresponse().status

    def is_ready(self) -> bool:
        return self.get("/-/ready")[0] == 200

    def is_working(self) -> bool:
        """Ready, with partitions for each of its roles."""
        owned = self.series("streamdrift_partitions_assigned").values() if self.is_ready() else ()
        return min(owned, default=0) > 0

    def series(self, name: str) -> dict[Labels, float]:
        """A metric's values by labels."""
        found = {}
        for family in text_string_to_metric_families(self.get("/metrics")[1]):
            for sample in family.samples:
                if sample.name == name:
                    found[frozenset(sample.labels.items())] = sample.value
        return found

    def by_label(self, name: str, label: str) -> dict[str, float]:
        """A metric's values by one label, for a metric that has one series per value of it."""
        found = {dict(labels)[label]: value for labels, value in self.series(name).items()}
        assert len(found) == len(self.series(name))
        return found

    def total(self, name: str, **labels: str) -> float:
        """The sum over the series with these labels."""
        wanted = labels.items()
        return sum(value for found, value in self.series(name).items() if wanted <= found)


class Service:
    """The service in threads of this process: it reports often, and its panes are kept.

    Parameters
    ----------
    panes
        Where closed panes are noted by their start, across the lives of services.
    """

    def __init__(
        self,
        config: Path,
        panes: dict[int, PaneClosed],
        roles: Sequence[str] = ROLES,
        tick_ms: int = TICK_MS,
    ) -> None:
        self.panes = panes
        self.changed: list[int] = []
        self.matured: dict[int, PaneMatured] = {}
        options = RunOptions(roles, None, tick_ms, CHECKPOINT_MS)
        self.process = WatchingProcess(load_settings(config), options, self._on_pane)
        self._ports: list[int] = []
        self._defect: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, name="service")

    def __enter__(self) -> Self:
        self._thread.start()
        wait_for(lambda: self._ports or not self._thread.is_alive(), "an HTTP port")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.service.stop()
        self._thread.join(60)
        assert not self._thread.is_alive()
        if error is None:
            assert not self._defect, self._defect

    @property
    def pages(self) -> Pages:
        return Pages(self._ports[0])

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def wait_until_ready(self) -> None:
        """Wait until it owns partitions and says that it is ready."""
        wait_for(self.pages.is_working, lambda: self.pages.get("/-/ready")[1])

    def wait_for_panes(self, starts: Iterable[int], seconds: float = 30) -> None:
        """Wait until all of these have closed."""
        wait_for(
            lambda: not self.is_alive or set(starts) <= self.panes.keys(),
            lambda: f"panes {sorted(starts)}; there are {sorted(self.panes)}",
            seconds,
        )

    def _run(self) -> None:
        try:
            self.process.run(self._ports.append)
        except BaseException as error:  # noqa: BLE001 - told where the test waits for the end
            self._defect.append(error)

    def _on_pane(self, monitor: str, pane: PaneClosed | PaneMatured) -> None:
        del monitor
        if isinstance(pane, PaneMatured):
            self.matured[pane.start_ms] = pane
            return
        known = self.panes.setdefault(pane.start_ms, pane)
        if known.profile != pane.profile:
            self.changed.append(pane.start_ms)


class Program:
    """The service as a process of its own."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.log = log
        self.process = Process(command, log)

    def wait_until_serving(self) -> Pages:
        """Wait for the line that tells the port."""
        wait_for(
            lambda: self.said("serving") or self.process.exit_code is not None, "the HTTP port"
        )
        assert self.process.exit_code is None, self.log.read_text()
        url = str(self.said("serving")[0]["metrics"])
        return Pages(int(url.rpartition(":")[2].split("/")[0]))

    def wait_until_ready(self) -> Pages:
        """Wait until it owns partitions and says that it is ready."""
        pages = self.wait_until_serving()
        wait_for(pages.is_working, lambda: pages.get("/-/ready")[1])
        return pages

    def wait_for_end(self, seconds: float = 30) -> int:
        """Wait until it has ended; its exit code."""
        wait_for(lambda: self.process.exit_code is not None, "the end of the program", seconds)
        return self.process.stop()

    def said(self, event: str) -> list[dict[str, object]]:
        """The log lines that tell of an event."""
        texts = self.log.read_text().splitlines() if self.log.exists() else []
        lines = [json.loads(text) for text in texts if text.startswith("{")]
        return [line for line in lines if line["event"] == event]

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang (SIGSTOP), then go on unaware."""
        self.process.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        self.process.kill()
