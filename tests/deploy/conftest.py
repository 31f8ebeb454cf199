"""One run of everything that the compose file starts, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from stream_drift.metrics import CHECKPOINT
from tests.support.broker import KafkaBroker
from tests.support.compose import Compose
from tests.support.kafka_log import client_settings
from tests.support.program import wait_for

CLEAN_SECONDS = "10"
SERVICES = ("stream-drift", "producer", "receiver", "alertmanager", "prometheus")


@pytest.fixture(scope="session")
def prepared(broker: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Compose:
    """A broker with topics, and a reference; nothing runs yet."""
    running = Compose(tmp_path_factory.mktemp("compose") / "run", broker)
    running.services["producer"]["command"] += ["--clean", CLEAN_SECONDS]
    running.run("topics")
    running.run("prepare")
    return running


@pytest.fixture(scope="session")
def started(prepared: Compose) -> Iterator[Compose]:
    """All services, each content with itself."""
    with prepared.up(SERVICES):
        with Producer(client_settings(prepared.broker.bootstrap)) as producer:
            producer.produce("loan.applications", b"not JSON")
        yield prepared


@pytest.fixture(scope="session")
def compose(started: Compose) -> Compose:
    """The services, after the drift was found and its alert has arrived at the receiver."""
    wait_for(
        lambda: "firing ModelDrift loan-approval" in started.get("receiver", "/"),
        lambda: f"an alert at the receiver; stream-drift said:\n{started.log('stream-drift')}",
        200,
    )
    # Series that come late: the first checkpoint is due after a minute.
    wait_for(lambda: CHECKPOINT.name in started.scraped(), "a checkpoint", 90)
    return started
