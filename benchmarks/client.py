"""One measured process: ``python -m benchmarks.client JOB …`` prints what the job cost as JSON."""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from confluent_kafka import Consumer, Message, TopicPartition

from benchmarks.workload import CATEGORIES, TOPIC, Workload
from stream_drift.app import ROLES, Process, RunOptions
from stream_drift.config.load import load_settings
from stream_drift.runtime.detect_role import DetectRole
from stream_drift.runtime.profile_role import ProfileRole

BATCH = 2_000
LOOK_SECONDS = 0.005
PATIENCE_SECONDS = 120.0

Handle = Callable[[list[Message]], object]


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU of the whole process from before its clients were made, and time from the first event."""

    n_events: int
    cpu_seconds: float
    seconds: float
    rss_mb: float = 0.0

    @property
    def cpu_us(self) -> float:
        """CPU microseconds per event."""
        return 1e6 * self.cpu_seconds / self.n_events

    @property
    def per_second(self) -> float:
        """Events per second."""
        return self.n_events / self.seconds


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def consume(bootstrap: str, n_partitions: int, n_events: int, handle: Handle) -> Cost:
    """Read the topic with nothing between librdkafka and ``handle``."""
    cpu, n_done, began = cpu_seconds(), 0, 0.0
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "drain", "enable.auto.commit": False}
    )
    consumer.assign([TopicPartition(TOPIC, number, 0) for number in range(n_partitions)])
    while n_done < n_events:
        messages = consumer.consume(BATCH, 0.1)
        began = began or time.perf_counter()
        handle(messages)
        n_done += len(messages)
    seconds = time.perf_counter() - began
    consumer.close()
    return Cost(n_done, cpu_seconds() - cpu, seconds)


def typed_decode(n_numbers: int) -> Handle:
    """Decode into one Struct made from what the monitor reads; the values are let go at once."""
    kinds: dict[str, type] = dict.fromkeys(Workload(n_numbers).numbers, float)
    kinds |= dict.fromkeys(CATEGORIES, str)
    kinds |= {"id": str, "time": int, "prediction": int, "score": float}
    decode = msgspec.json.Decoder(msgspec.defstruct("Event", kinds.items(), gc=False)).decode
    return lambda messages: [decode(message.value() or b"") for message in messages]


def service(config: Path, prefix: str, roles: list[str], n_events: int, n_panes: int) -> Cost:
    """What ``stream-drift run`` does, until the events are counted and the panes closed."""
    cpu = cpu_seconds()
    settings = replace(load_settings(config), name=prefix)
    process = Process(settings, RunOptions(roles or ROLES))
    seconds: list[float] = []
    watch = threading.Thread(target=_watch, args=(process, n_events, n_panes, seconds))
    watch.start()
    process.run(lambda port: None)
    watch.join()
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(n_events, cpu_seconds() - cpu, seconds[0], rss)


def _watch(process: Process, n_events: int, n_panes: int, seconds: list[float]) -> None:
    began, deadline = 0.0, time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < deadline:
        time.sleep(LOOK_SECONDS)
        n_done, n_closed = _progress(process)
        if n_done and not began:
            began = time.perf_counter()
        if n_done >= n_events and not seconds:
            seconds.append(time.perf_counter() - began)
        if n_done >= n_events and n_closed >= n_panes:
            break
    process.service.stop()


def _progress(process: Process) -> tuple[int, int]:
    n_done = n_closed = 0
    for runner in process.service.runners:
        match runner.role:
            case ProfileRole() as role:
                n_done += sum(totals.events for totals in list(role.totals.values()))
            case DetectRole() as role:
                n_closed += sum(live.n_panes for live in role.live)
    return n_done, n_closed


def main(job: str, *arguments: str) -> None:
    """Run one job and print its cost."""
    match job, arguments:
        case "drain", (bootstrap, n_partitions, n_events):
            cost = consume(bootstrap, int(n_partitions), int(n_events), len)
        case "decode", (bootstrap, n_partitions, n_events, n_numbers):
            handle = typed_decode(int(n_numbers))
            cost = consume(bootstrap, int(n_partitions), int(n_events), handle)
        case "service", (config, prefix, roles, n_events, n_panes):
            wanted = [role for role in roles.split(",") if role]
            cost = service(Path(config), prefix, wanted, int(n_events), int(n_panes))
        case _:
            message = f"no job {job} with {len(arguments)} arguments"
            raise SystemExit(message)
    sys.stdout.buffer.write(msgspec.json.encode(cost) + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
