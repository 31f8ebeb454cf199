"""Streams the demo's events, hours of event time in seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable

from stream_drift.demo.config import INPUT_TOPIC
from stream_drift.demo.loans import LoanModel
from stream_drift.incidents.alert import iso
from stream_drift.kafka.history_producer import HistoryProducer

PANE_MS = 300_000
EVENTS_PER_PANE = 300
SECONDS_PER_PANE = 0.55
CLEAN_PANES = 24
DRIFTED_PANES = 30


class DemoProducer:
    """A thread that plays one pane after the other; from ``CLEAN_PANES`` on with the drift.

    Attributes
    ----------
    n_events, n_panes
        Sent so far.
    """

    def __init__(
        self, producer: HistoryProducer, model: LoanModel, start_ms: int, *, endless: bool
    ) -> None:
        self.n_events = self.n_panes = 0
        self.start_ms = start_ms
        self._producer = producer
        self._model = model
        self._endless = endless
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._play, name="demo-producer", daemon=True)

    @property
    def drift_starts_ms(self) -> int:
        """Event time of the first application of the drift."""
        return self.start_ms + CLEAN_PANES * PANE_MS

    @property
    def is_drifting(self) -> bool:
        """Whether other people apply by now."""
        return self.n_panes >= CLEAN_PANES

    @property
    def done(self) -> bool:
        """Whether all panes were sent."""
        return not self._thread.is_alive()

    def start(self) -> Callable[[], None]:
        """Begin; returns what ends it."""
        self._thread.start()
        return self._stop.set

    def _play(self) -> None:
        while not self._stop.is_set():
            if not self._endless and self.n_panes >= CLEAN_PANES + DRIFTED_PANES:
                break
            self._play_pane(self.start_ms + self.n_panes * PANE_MS)
            self.n_panes += 1
            self._stop.wait(SECONDS_PER_PANE)
        self._producer.flush()

    def _play_pane(self, pane_start_ms: int) -> None:
        for i in range(EVENTS_PER_PANE):
            time_ms = pane_start_ms + i * PANE_MS // EVENTS_PER_PANE
            event = self._model.event(iso(time_ms), drifted=self.is_drifting)
            self._producer.send(INPUT_TOPIC, event, time_ms)
            self.n_events += 1
