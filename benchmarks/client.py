"""One measured process: ``python -m benchmarks.client JOB`` prints what the job cost, as JSON."""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import msgspec
from confluent_kafka import Consumer, Message, TopicPartition

from benchmarks.workload import CATEGORIES, N_PARTITIONS, Workload
from stream_drift.config.load import load_settings
from stream_drift.process import ROLES, Process, RunOptions
from stream_drift.runtime.detect_role import DetectRole
from stream_drift.runtime.logs import configure
from stream_drift.runtime.profile_role import ProfileRole

BATCH = 2_000
LOOK_SECONDS = 0.02
JOINED, CAUGHT_UP = b"joined\n", b"caught up\n"

Handle = Callable[[list[Message]], object]


class Drain(msgspec.Struct, tag=True):
    """Read the whole topic with nothing between librdkafka and us.

    ``decode_numbers``: also decode each event, with that many numbers, and let it go at once.
    """

    bootstrap: str
    topic: str
    n_events: int
    decode_numbers: int | None = None


class Serve(msgspec.Struct, tag=True):
    """Do what ``stream-drift run`` does until the topic is read and ``n_panes`` have closed.

    Says when it owns ``n_owned`` partitions and when it has read them to their ends, and goes on
    until its input is closed.
    """

    config: str
    prefix: str
    topic: str
    n_events: int
    roles: tuple[str, ...] = ROLES
    n_panes: int = 0
    n_owned: int = N_PARTITIONS


class Cost(msgspec.Struct):
    """What a job took.

    Attributes
    ----------
    cpu_seconds
        Of the whole process, all threads, from before its clients were made to its clean end.
    began, ended
        When the first and when the last event was done, by a clock that all processes share.
    """

    n_events: int
    cpu_seconds: float
    began: float
    ended: float

    @property
    def cpu_us(self) -> float:
        """CPU microseconds per event."""
        return 1e6 * self.cpu_seconds / self.n_events

    @property
    def per_second(self) -> float:
        """Events per second."""
        return self.n_events / (self.ended - self.began)


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def drain(job: Drain) -> Cost:
    handle: Handle = len if job.decode_numbers is None else typed_decode(job.decode_numbers)
    cpu, n_done, began = cpu_seconds(), 0, 0.0
    settings = {"bootstrap.servers": job.bootstrap, "group.id": "drain"}
    consumer = Consumer(settings | {"enable.auto.commit": False})
    consumer.assign([TopicPartition(job.topic, number, 0) for number in range(N_PARTITIONS)])
    while n_done < job.n_events:
        messages = consumer.consume(BATCH, 0.1)
        began = began or time.monotonic()
        handle(messages)
        n_done += len(messages)
    ended = time.monotonic()
    consumer.close()
    return Cost(n_done, cpu_seconds() - cpu, began, ended)


def typed_decode(n_numbers: int) -> Handle:
    """Decoding into one Struct of what the monitor reads, the least that any reader must do."""
    kinds: dict[str, type] = dict.fromkeys(Workload(n_numbers).numbers, float)
    kinds |= dict.fromkeys(CATEGORIES, str)
    kinds |= {"id": str, "time": int, "prediction": int, "score": float}
    decode = msgspec.json.Decoder(msgspec.defstruct("Event", kinds.items(), gc=False)).decode
    # No event is a tombstone.
    return lambda messages: list(map(decode, map(Message.value, messages)))  # type: ignore[arg-type]


def serve(job: Serve) -> Cost:
    cpu = cpu_seconds()
    settings = replace(load_settings(job.config), name=job.prefix)
    process = Process(settings, RunOptions(job.roles))
    watch = Watch(process, job)
    watch.start()
    try:
        process.run(lambda port: None)
    finally:
        watch.leave.set()
        watch.join()
    return Cost(watch.n_events, cpu_seconds() - cpu, watch.began, watch.ended)


class Watch(threading.Thread):
    """Tells our parent how far the process is, and stops it when the parent wants that."""

    def __init__(self, process: Process, job: Serve) -> None:
        super().__init__()
        self.leave = threading.Event()
        self.n_events = 0
        self.began = self.ended = 0.0
        self._process = process
        self._job = job
        self._n_panes = 0
        self._positions: dict[int, int] = {}

    def run(self) -> None:
        """Follow the process from its first partition to its last pane."""
        steps = ((JOINED, self._has_joined), (CAUGHT_UP, self._has_caught_up))
        for line, is_reached in steps:
            while not is_reached():
                if self.leave.wait(LOOK_SECONDS):
                    return
                self._look()
            sys.stdout.buffer.write(line)
            sys.stdout.flush()
        sys.stdin.read()
        self._process.service.stop()

    def _has_joined(self) -> bool:
        return len(self._positions) >= self._job.n_owned

    def _has_caught_up(self) -> bool:
        return bool(self.ended) and self._n_panes >= self._job.n_panes

    def _look(self) -> None:
        now, n = time.monotonic(), self._job.n_events
        for runner in self._process.service.runners:
            match runner.role:
                case ProfileRole() as role:
                    self.n_events = sum(totals.events for totals in list(role.totals.values()))
                    self._positions = {number: at for (_, number), at in role.positions.items()}
                case DetectRole() as role:
                    self._n_panes = sum(live.n_panes for live in role.live)
        self.began = self.began or (now if self.n_events else 0.0)
        ends = {number: len(range(number, n, N_PARTITIONS)) for number in self._positions}
        if self.n_events and all(self._positions[i] >= end for i, end in ends.items()):
            self.ended = self.ended or now


def main() -> None:
    """Run one job."""
    configure(sys.stderr, "ERROR")
    job = msgspec.json.decode(sys.argv[1], type=Drain | Serve)
    cost = serve(job) if isinstance(job, Serve) else drain(job)
    sys.stdout.buffer.write(msgspec.json.encode(cost) + b"\n")


if __name__ == "__main__":
    main()
