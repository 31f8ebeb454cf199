"""A real Apache Kafka broker for tests."""

from __future__ import annotations

import contextlib
import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions, NewTopic

from tests.support.jvm import FORMATTED, WITH_ARCHIVE, kafka_command
from tests.support.ports import free_port
from tests.support.process import Process

START_TIMEOUT_SECONDS = 60
_ADMIN_TIMEOUT_SECONDS = 30

_PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.num.partitions": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    # groups settle, and dead members are noticed, without waiting
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1000,
    "group.consumer.min.session.timeout.ms": 1000,
    "group.consumer.min.heartbeat.interval.ms": 200,
    # a killed broker may come back under its name once its session is over
    "broker.session.timeout.ms": 2000,
    "broker.heartbeat.interval.ms": 200,
    # retention and compaction do their work while a test waits
    "log.initial.task.delay.ms": 500,
    "log.retention.check.interval.ms": 500,
    "log.segment.delete.delay.ms": 200,
    "log.cleaner.backoff.ms": 200,
    "log.cleaner.dedupe.buffer.size": 4194304,
}


class KafkaBroker:
    """One node of Apache Kafka (KRaft) on loopback ports that stay its own.

    Parameters
    ----------
    folder
        Made if absent; holds the data, the configuration and ``broker.log``.
    properties
        Added to (or instead of) the ones that make a broker quick.
    """

    def __init__(
        self,
        folder: Path,
        properties: Mapping[str, object] | None = None,
        jvm_options: Sequence[str] = WITH_ARCHIVE,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "broker.log"
        self.bootstrap = f"127.0.0.1:{free_port()}"
        self._jvm_options = jvm_options
        self._process: Process | None = None
        data = shutil.copytree(FORMATTED, folder / "data")
        self._settings = folder / "server.properties"
        own = _PROPERTIES | self._addresses() | {"log.dirs": data} | dict(properties or {})
        self._settings.write_text("".join(f"{key}={value}\n" for key, value in own.items()))

    def _addresses(self) -> dict[str, str]:
        controller = f"127.0.0.1:{free_port()}"
        return {
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.quorum.voters": f"1@{controller}",
        }

    # Life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start, again on the same data and ports after an end, and wait until it answers."""
        if self._process is not None:
            message = "the broker runs already"
            raise RuntimeError(message)
        command = kafka_command("kafka.Kafka", str(self._settings), jvm_options=self._jvm_options)
        self._process = Process(command, self.log)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self._answers():
            if self._process.exit_code is not None or time.monotonic() > deadline:
                message = f"Kafka did not start; the end of its log:\n{self.log_tail()}"
                self.kill()
                raise RuntimeError(message)
            time.sleep(0.05)

    def stop(self) -> None:
        """End in good order; a broker that does not run is left alone."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()

    def kill(self) -> None:
        """End at once (SIGKILL); what it had written stays."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang (SIGSTOP): connections stay open and nothing is answered."""
        process = self._process
        if process is None:
            message = "the broker does not run"
            raise RuntimeError(message)
        process.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.signal(signal.SIGCONT)

    def log_tail(self, n_lines: int = 40) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-n_lines:])

    def _answers(self) -> bool:
        with contextlib.suppress(KafkaException):
            return len(self._admin().list_topics(timeout=0.5).brokers) == 1
        return False

    # Topics -------------------------------------------------------------------------------------

    def create_topic(self, name: str, partitions: int = 1, **config: object) -> None:
        """Create and wait until it can be used; ``retention_ms=5`` sets ``retention.ms``."""
        texts = {key.replace("_", "."): str(value) for key, value in config.items()}
        topic = NewTopic(name, partitions, replication_factor=1, config=texts)
        admin = self._admin()
        admin.create_topics([topic])[name].result()
        self._wait_for_partitions(admin, name, partitions)

    def add_partitions(self, name: str, total: int) -> None:
        admin = self._admin()
        admin.create_partitions([NewPartitions(name, total)])[name].result()
        self._wait_for_partitions(admin, name, total)

    def delete_topic(self, name: str) -> None:
        admin = self._admin()
        admin.delete_topics([name])[name].result()
        self._wait_for_partitions(admin, name, 0)

    def wait_for_leaders(self) -> None:
        """Wait until all topics that there are can be used."""
        admin, deadline = self._admin(), time.monotonic() + _ADMIN_TIMEOUT_SECONDS
        while not all(
            partition.leader >= 0
            for topic in admin.list_topics(timeout=10).topics.values()
            for partition in topic.partitions.values()
        ):
            if time.monotonic() > deadline:
                message = "some partitions got no leader"
                raise TimeoutError(message)
            time.sleep(0.02)

    def _wait_for_partitions(self, admin: AdminClient, name: str, wanted: int) -> None:
        deadline = time.monotonic() + _ADMIN_TIMEOUT_SECONDS
        while _led_partitions(admin, name) != wanted:
            if time.monotonic() > deadline:
                message = f"topic {name} did not come to {wanted} partitions"
                raise TimeoutError(message)
            time.sleep(0.02)

    def _admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})


def _led_partitions(admin: AdminClient, name: str) -> int:
    topics = admin.list_topics(timeout=10).topics
    if name not in topics:
        return 0
    return sum(partition.leader >= 0 for partition in topics[name].partitions.values())
