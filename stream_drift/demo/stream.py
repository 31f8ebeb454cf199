"""The demo's events for a broker and a service that run elsewhere: at the pace of the clock."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

from stream_drift.demo.config import INPUT_TOPIC
from stream_drift.demo.loans import LoanModel
from stream_drift.incidents.alert import iso
from stream_drift.kafka.history_producer import HistoryProducer
from stream_drift.runtime import clock

EVENTS_PER_SECOND = 50
DRIFTED_SECONDS = 420
N_PARTITIONS = 4


def is_drifting(seconds: float, clean_seconds: float) -> bool:
    """Whether the stream is drifted so long after its begin: clean first, then drifted, in turn.

    Examples
    --------
    >>> [is_drifting(seconds, 180) for seconds in (0, 179, 180, 599, 600)]
    [False, False, True, True, False]
    """
    return seconds % (clean_seconds + DRIFTED_SECONDS) >= clean_seconds


def write_rows(path: Path) -> int:
    """Write what the model was accepted on, one JSON object per line; how many."""
    rows = list(LoanModel().reference_events(iso(clock.now_ms() // 1000 * 1000)))
    path.write_bytes(b"".join(row + b"\n" for row in rows))
    return len(rows)


def produce(bootstrap: str, clean_seconds: float) -> None:
    """Stream until SIGTERM or SIGINT; main thread only."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    producer = HistoryProducer({"bootstrap.servers": bootstrap}, N_PARTITIONS)
    model = LoanModel()
    model.pass_reference()
    began = clock.monotonic_seconds()
    drifted = False
    while not stop.wait(1.0):
        seconds = clock.monotonic_seconds() - began
        if drifted != is_drifting(seconds, clean_seconds):
            drifted = not drifted
            print(iso(clock.now_ms()), "drift begins" if drifted else "drift ends", flush=True)
        now_ms = clock.now_ms()
        for _ in range(EVENTS_PER_SECOND):
            producer.send(INPUT_TOPIC, model.event(iso(now_ms), drifted=drifted), now_ms)
    producer.flush()
