"""A shop's topic on a real broker, and all that a service needs to watch it."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from stream_drift.engine.chunks import Joiner
from stream_drift.engine.effects import PaneClosed
from stream_drift.engine.wire import decode_record
from stream_drift.incidents.alert import Alert
from stream_drift.kafka.connection import KafkaLog
from stream_drift.process import ROLES
from stream_drift.runtime.clock import now_ms
from stream_drift.runtime.own_topics import OwnTopics
from stream_drift.runtime.reference_file import read_reference
from stream_drift.runtime.told import alerts_of
from stream_drift.runtime.transport import StoredRecord
from stream_drift.windows.log import LogRecord, Progress
from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.kafka_log import client_settings
from tests.support.program import cli, program, wait_for
from tests.support.service import TICK_MS, Program, Service

N_OWN_PARTITIONS = 2
QUICK = {"session.timeout.ms": "3000", "heartbeat.interval.ms": "500"}

Record = tuple[int, bytes | None]
"""Timestamp (ms) and value."""
WriteConfig = Callable[[Path, str, Sequence[str], Mapping[str, object], int], Path]
"""Writes a configuration into a folder for a name, topics, client settings and an HTTP port."""


@dataclass
class Scene:
    """One monitor over topics of its own.

    Attributes
    ----------
    kafka
        Client settings beside the address.
    sent
        The events that were produced, by topic and partition, in order.
    panes
        What services of this process have closed, by start.
    """

    broker: KafkaBroker
    name: str
    folder: Path
    n_partitions: int = 1
    n_topics: int = 1
    kafka: Mapping[str, object] = field(default_factory=lambda: QUICK)
    port: int = 0
    write_config: WriteConfig = shop.write_config
    sent: dict[tuple[str, int], list[shop.Event]] = field(default_factory=lambda: defaultdict(list))
    panes: dict[int, PaneClosed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.topics = [f"{self.name}.in{i}" for i in range(self.n_topics)]
        self.own = OwnTopics(self.name)
        clients = client_settings(self.broker.bootstrap)
        self.config = self.write_config(
            self.folder, self.name, self.topics, {**clients, **self.kafka}, self.port
        )
        self._n_started = 0
        self._admin = AdminClient(clients)

    def create_topics(self, **config: object) -> None:
        """All that the service stands on; ``config`` is of the input topics."""
        for topic in self.topics:
            self.broker.create_topic(topic, self.n_partitions, retention_ms=-1, **config)
        self.create_own_topics()

    def create_own_topics(self) -> None:
        cli("topics", "create", "-c", str(self.config), "--partitions", str(N_OWN_PARTITIONS))
        self.broker.wait_for_leaders()

    @property
    def topic(self) -> str:
        return self.topics[0]

    # Input --------------------------------------------------------------------------------------

    def produce(
        self, events: Iterable[shop.Event], partition: int = 0, topic: str | None = None
    ) -> None:
        """Append events; a record's timestamp is its event's time."""
        events = list(events)
        self.sent[topic or self.topic, partition] += events
        self.append([(event["t"], shop.encoded(event)) for event in events], partition, topic)

    def append(
        self, records: Iterable[Record], partition: int = 0, topic: str | None = None
    ) -> None:
        """Append records, whatever they are, and wait for the acks."""
        settings = client_settings(self.broker.bootstrap) | {"message.max.bytes": 3_000_000}
        with Producer(settings) as producer:
            for time_ms, value in records:
                producer.produce(topic or self.topic, value, partition=partition, timestamp=time_ms)
            assert producer.flush(30) == 0

    def delete_records(self, upto: int, partition: int = 0, topic: str | None = None) -> None:
        """Do at once what retention does in time: offsets below ``upto`` are gone."""
        place = TopicPartition(topic or self.topic, partition, upto)
        [answer] = self._admin.delete_records([place]).values()
        answer.result()

    def recreate(self, topic: str, n_partitions: int, **config: object) -> None:
        self.broker.delete_topic(topic)
        self.broker.create_topic(topic, n_partitions, **config)

    # Services -----------------------------------------------------------------------------------

    def service(self, roles: Sequence[str] = ROLES, tick_ms: int = TICK_MS) -> Service:
        """In threads of this process."""
        return Service(self.config, self.panes, roles, tick_ms)

    @contextmanager
    def program(self, *arguments: str) -> Iterator[Program]:
        """A process of its own, exactly as a user starts it; killed if the test does not end it."""
        with self._running(program("run", "-c", str(self.config), *arguments)) as running:
            yield running

    @contextmanager
    def quick_program(self, *roles: str) -> Iterator[Program]:
        """A process of its own that reports often and writes its scores to a file."""
        scores = self.folder / f"scores-{self._n_started}.jsonl"
        command = [sys.executable, "-m", "tests.support.quick_run"]
        with self._running([*command, str(self.config), str(scores), *roles]) as running:
            yield running

    @contextmanager
    def _running(self, command: Sequence[str]) -> Iterator[Program]:
        self._n_started += 1
        running = Program(command, self.folder / f"run-{self._n_started}.log")
        try:
            yield running
        finally:
            running.kill()

    # What came of it ----------------------------------------------------------------------------

    @property
    def all_sent(self) -> list[shop.Event]:
        return [event for events in self.sent.values() for event in events]

    def expected(self, *but_panes: int) -> dict[int, shop.Pane]:
        """All events by pane, but not those of some panes (in minutes from `shop.T0`)."""
        left_out = {shop.T0 + pane * shop.PANE_MS for pane in but_panes}
        counts = shop.expected(self.all_sent, self.folder)
        return {start: pane for start, pane in counts.items() if start not in left_out}

    def counted(self) -> dict[int, shop.Pane]:
        """All panes that services of this process have closed."""
        return {start: shop.counted(pane.profile) for start, pane in sorted(self.panes.items())}

    def score_lines(self) -> list[dict[str, Any]]:
        """What quick programs have written, whole lines only."""
        files = sorted(self.folder.glob("scores-*.jsonl"))
        lines = [line for file in files for line in file.read_bytes().splitlines(keepends=True)]
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def logs(self) -> list[Path]:
        """What the processes have logged."""
        return sorted(self.folder.glob("run-*.log"))

    def records(self, topic: str) -> list[StoredRecord]:
        """Everything that stands on a topic of our own."""
        with (
            closing(KafkaLog(client_settings(self.broker.bootstrap), "look", now_ms)) as log,
            closing(log.scanner()) as scanner,
        ):
            n = scanner.topics([topic])[topic].n_partitions
            return [record for number in range(n) for record in scanner.scan((topic, number))]

    def log(self) -> list[LogRecord]:
        """What profilers have written."""
        joiner, layout = Joiner(), read_reference(self.folder / shop.REFERENCE).layout
        wholes = (joiner.add(record.value or b"") for record in self.records(self.own.profiles))
        return [decode_record(whole, layout) for whole in wholes if whole is not None]

    def wait_for_idle(self, *positions: int) -> None:
        """Wait until progress tells that all before these positions is written, per partition."""

        def idle() -> set[tuple[int, int]]:
            return {
                (record.partition.number, record.position)
                for record in self.log()
                if isinstance(record, Progress) and record.idle_as_of_ms is not None
            }

        wait_for(lambda: set(enumerate(positions)) <= idle(), lambda: f"idle at {positions}")

    def alerts(self) -> list[Alert]:
        return list(alerts_of(self.records(self.own.alerts)))

    def wait_for_alert(self, change: str) -> Alert:
        """Wait until an alert tells of this change."""

        def found() -> list[Alert]:
            return [alert for alert in self.alerts() if alert.data.change == change]

        wait_for(found, f"an alert: {change}")
        return found()[-1]
