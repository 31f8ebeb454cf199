"""A real broker on one core, what is measured on the others, and a topic full of events."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import msgspec
from confluent_kafka import Producer

from benchmarks.client import CAUGHT_UP, JOINED, Cost, Drain, Serve
from benchmarks.workload import N_PARTITIONS, Workload
from stream_drift.kafka.admin import KafkaAdmin
from stream_drift.kafka.topics import create_topics
from tests.support.broker import KafkaBroker

ROOT = Path(__file__).parents[1]
COMPILED = ROOT / ".cache" / "compiled"
_PROPERTIES = {"group.consumer.heartbeat.interval.ms": 1_000}  # who joins is soon known
_PRODUCER = {
    "compression.type": "lz4",
    "linger.ms": 50,
    "batch.num.messages": 10_000,
    "queue.buffering.max.messages": 500_000,
}


@dataclass(slots=True)
class Stage:
    """Where processes are measured, alone or side by side.

    Attributes
    ----------
    cores
        Those that the broker does not run on, as far as there are others.
    """

    broker: KafkaBroker
    folder: Path
    cores: list[int]
    _prefixes: Iterator[int] = field(default_factory=count)

    @property
    def bootstrap(self) -> str:
        return self.broker.bootstrap

    def create(self, load: Workload) -> str:
        """Make the workload's topic; returns its configuration."""
        self.broker.create_topic(load.topic, N_PARTITIONS, retention_ms=-1)
        return str(load.write_config(self.folder, self.bootstrap))

    def fill(self, load: Workload, seconds: float = 0.0) -> None:
        """Write all events to the partitions in turn, spread over so many seconds."""
        producer = Producer({"bootstrap.servers": self.bootstrap, **_PRODUCER})
        began = time.monotonic()
        for i, (stamp, value) in enumerate(load.records()):
            if i % 1_000 == 0:
                while len(producer) > 200_000:
                    producer.poll(0.1)
                time.sleep(max(0.0, began + seconds * i / load.n_events - time.monotonic()))
            producer.produce(load.topic, value, partition=i % N_PARTITIONS, timestamp=stamp)
        assert producer.flush(60) == 0

    def fresh_prefix(self) -> str:
        """A name under which nothing was read yet, with the topics that a service needs."""
        prefix = f"bench-{next(self._prefixes)}"
        admin = KafkaAdmin({"bootstrap.servers": self.bootstrap})
        made = create_topics(admin, prefix)
        admin.close()
        assert all(creation.outcome == "created" for creation in made), made
        return prefix

    def measure(self, job: Drain | Serve) -> Cost:
        """Run a job to its end."""
        client = start(job, self.cores[0])
        if isinstance(job, Serve):
            wait_for(client, JOINED)
            wait_for(client, CAUGHT_UP)
        return finish(client)

    def catch_up(self, jobs: Sequence[Serve], load: Workload) -> list[Cost]:
        """Let members of one group share the topic first, then read side by side what it gets.

        They sleep while it is filled. Each has a core of its own; the last shares with the
        broker where there are only as many.
        """
        cores = (self.cores if len(self.cores) >= len(jobs) else free_cores()) or [0]
        cores = [cores[i % len(cores)] for i in range(len(jobs))]
        clients = [start(job, core) for job, core in zip(jobs, cores, strict=True)]
        for client in clients:
            wait_for(client, JOINED)
            client.send_signal(signal.SIGSTOP)
        self.fill(load)
        for client in clients:
            client.send_signal(signal.SIGCONT)
        for client in clients:
            wait_for(client, CAUGHT_UP)
        return [finish(client) for client in clients]


def start(job: Drain | Serve, core: int) -> subprocess.Popen[bytes]:
    """A measured process; it says how far it is, see `client`."""
    command = [sys.executable, "-m", "benchmarks.client", msgspec.json.encode(job).decode()]
    with on_cores([core]):
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=as_installed()
        )


def as_installed() -> dict[str, str]:
    """An environment in which modules stay compiled, as those of an installed program are.

    The first process compiles them; what it costs is not to be counted.
    """
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(COMPILED)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def wait_for(client: subprocess.Popen[bytes], line: bytes) -> None:
    found = client.stdout.readline() if client.stdout else b""
    assert found == line, f"a measured process said {found!r} instead of {line!r}"


def finish(client: subprocess.Popen[bytes]) -> Cost:
    """Let it go, wait for it and read its last line."""
    output, _ = client.communicate()
    assert client.returncode == 0, f"a measured process ended with {client.returncode}"
    return msgspec.json.decode(output.splitlines()[-1], type=Cost)


def free_cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


@contextmanager
def on_cores(cores: Sequence[int]) -> Iterator[None]:
    """Processes that are started in here stay on these cores, where the system can do that."""
    before = free_cores()
    if before:
        os.sched_setaffinity(0, cores)
    yield
    if before:
        os.sched_setaffinity(0, before)


@contextmanager
def stage() -> Iterator[Stage]:
    """Start a broker for the length of a benchmark."""
    cores = free_cores() or [0]
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        broker = KafkaBroker(Path(folder) / "broker", _PROPERTIES)
        with on_cores(cores[-1:]):
            broker.start()
        try:
            yield Stage(broker, Path(folder), cores[:-1] or cores)
        finally:
            broker.stop()
