"""``stream-drift run`` against reading the same topic with next to nothing behind it.

Ratios of CPU per event (the whole process) and of throughput, each the median over rounds in which
all ways of reading take turns. Run as ``python -m benchmarks.service [--rounds N]``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
from confluent_kafka import Producer
from rich.console import Console
from rich.table import Table

from benchmarks.client import Cost
from benchmarks.workload import TOPIC, Workload
from stream_drift.kafka.admin import KafkaAdmin
from stream_drift.kafka.topics import create_topics
from tests.support.broker import KafkaBroker

N_PARTITIONS = 4
LOAD = Workload()
LIMITS = (
    ("CPU per event, profile role ÷ (drain + typed decode)", "profile", "decode", "≤ 2.2"),
    ("CPU per event, both roles ÷ (drain + typed decode)", "run", "decode", "≤ 2.2"),
    ("CPU per event, both roles ÷ bare drain", "run", "drain", "≤ 6"),
)


def fill(bootstrap: str) -> None:
    """Write the events, as they were produced then."""
    settings = {"bootstrap.servers": bootstrap, "compression.type": "lz4", "linger.ms": 50}
    producer = Producer(settings | {"log_level": 0})
    for i, (stamp, value) in enumerate(LOAD.records()):
        while True:
            try:
                producer.produce(TOPIC, value, partition=i % N_PARTITIONS, timestamp=stamp)
            except BufferError:
                producer.poll(0.1)
            else:
                break
    producer.flush(60)


def measured(*arguments: str) -> Cost:
    """What one process cost that does nothing else."""
    command = [sys.executable, "-m", "benchmarks.client", *arguments]
    ended = subprocess.run(command, capture_output=True, check=True, env=os.environ)
    return msgspec.json.decode(ended.stdout.splitlines()[-1], type=Cost)


def rounds(broker: KafkaBroker, folder: Path, n_rounds: int) -> dict[str, list[Cost]]:
    """Every way of reading once per round; the first drain only warms the broker."""
    bootstrap, n = broker.bootstrap, str(LOAD.n_events)
    config = str(LOAD.write_config(folder, bootstrap))
    read = (bootstrap, str(N_PARTITIONS), n)
    measured("drain", *read)
    found: dict[str, list[Cost]] = {"drain": [], "decode": [], "profile": [], "run": []}
    for i in range(n_rounds):
        for name, roles in (("profile", "profile"), ("run", "")):
            prefix = f"bench-{name}-{i}"
            admin = KafkaAdmin({"bootstrap.servers": bootstrap})
            create_topics(admin, prefix)
            admin.close()
            found[name].append(measured("service", config, prefix, roles, n, "0"))
        found["drain"].append(measured("drain", *read))
        found["decode"].append(measured("decode", *read, str(LOAD.n_numbers)))
    return found


def main(n_rounds: int = 4) -> None:
    """Print the ratios beside their limits."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        broker = KafkaBroker(Path(name) / "broker")
        broker.start()
        try:
            broker.create_topic(TOPIC, N_PARTITIONS, retention_ms=-1)
            fill(broker.bootstrap)
            found = rounds(broker, Path(name), n_rounds)
        finally:
            broker.stop()
    table = Table("what", "median ratio", "limit")
    for what, above, below, limit in LIMITS:
        pairs = zip(found[above], found[below], strict=True)
        ratio = statistics.median(a.cpu_us / b.cpu_us for a, b in pairs)
        table.add_row(what, f"{ratio:.2f}", limit)
    pairs = zip(found["run"], found["drain"], strict=True)
    speed = statistics.median(a.per_second / b.per_second for a, b in pairs)
    table.add_row("throughput, both roles ÷ bare drain", f"{speed:.2f}", "≥ 0.18")
    for job, costs in found.items():
        cpu = statistics.median(cost.cpu_us for cost in costs)
        table.add_row(f"CPU µs per event, {job}", f"{cpu:.1f}", "")
    rss = max(cost.rss_mb for cost in found["run"])
    table.add_row("greatest RSS of a process with both roles, MB", f"{rss:.0f}", "")
    Console().print(f"{LOAD.n_events:,} events, {LOAD.n_numbers} numbers, {n_rounds} rounds")
    Console().print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    main(parser.parse_args().rounds)
