"""Make once what every start of the test broker needs: a formatted folder and a class archive."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from confluent_kafka import Consumer, Producer

from tests.support.broker import KafkaBroker
from tests.support.jvm import ARCHIVE, FORMATTED, kafka_command

_CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"
_TO_FORMAT = """\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:1
listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:1
log.dirs={folder}
"""


def format_folder(workspace: Path) -> None:
    shutil.rmtree(FORMATTED, ignore_errors=True)
    settings = workspace / "format.properties"
    settings.write_text(_TO_FORMAT.format(folder=FORMATTED))
    arguments = ("format", "-t", _CLUSTER_ID, "-c", str(settings))
    command = kafka_command("kafka.tools.StorageTool", *arguments, jvm_options=())
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def archive_classes(workspace: Path) -> None:
    """Run a broker through what tests ask of one; at its end the JVM keeps what it loaded."""
    ARCHIVE.unlink(missing_ok=True)
    broker = KafkaBroker(workspace, jvm_options=(f"-XX:ArchiveClassesAtExit={ARCHIVE}",))
    broker.start()
    broker.create_topic("warm-up", 2)
    _produce_and_consume({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    broker.delete_topic("warm-up")
    broker.stop()
    if not ARCHIVE.exists():
        message = f"the JVM wrote no class archive:\n{broker.log_tail()}"
        raise RuntimeError(message)


def _produce_and_consume(client: dict[str, str | int]) -> None:
    producer = Producer(client)
    producer.produce("warm-up", b"value", b"key")
    producer.flush()
    group = {"group.id": "warm-up", "group.protocol": "consumer", "auto.offset.reset": "earliest"}
    with Consumer(client | group) as consumer:
        consumer.subscribe(["warm-up"])
        consumer.consume(1, timeout=30)
        consumer.commit(asynchronous=False)


def main() -> None:
    with tempfile.TemporaryDirectory() as workspace:
        format_folder(Path(workspace))
        archive_classes(Path(workspace) / "broker")


if __name__ == "__main__":
    main()
