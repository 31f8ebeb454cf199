"""A service from start to end, as whoever operates it sees it."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from stream_drift.runtime.state_store import read_state
from stream_drift.windows.log import Snapshot
from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.kafka_log import client_settings
from tests.support.program import wait_for
from tests.support.promtool import check_metrics
from tests.support.scene import Scene
from tests.support.service import Pages

PROMISED_SECONDS = 30


@pytest.fixture
def scene(broker: KafkaBroker, topic_prefix: str, tmp_path: Path) -> Scene:
    scene = Scene(broker, topic_prefix, tmp_path, n_partitions=2)
    scene.create_topics()
    return scene


def committed(scene: Scene, group: str, topic: str) -> list[int]:
    with Consumer(client_settings(scene.broker.bootstrap) | {"group.id": group}) as consumer:
        places = [TopicPartition(topic, number) for number in range(scene.n_partitions)]
        return [place.offset for place in consumer.committed(places, timeout=30)]


def snapshots(scene: Scene) -> list[Snapshot]:
    return [record for record in scene.log() if isinstance(record, Snapshot)]


def why(pages: Pages) -> str:
    return pages.get("/-/ready")[1]


# The end ----------------------------------------------------------------------------------------


def test_sigterm_ends_it_with_everything_kept(scene: Scene) -> None:
    for partition in range(2):
        scene.produce([*shop.events(0, 30), shop.sentinel(3)], partition)
    with scene.program() as running:
        pages = running.wait_until_ready()
        wait_for(lambda: pages.total("streamdrift_panes_closed_total") == 1, "a closed pane")
        began = time.monotonic()
        assert running.process.stop(PROMISED_SECONDS) == 0
        assert time.monotonic() - began < PROMISED_SECONDS
        assert [line["signal"] for line in running.said("stopping")] == ["SIGTERM"]
        assert running.said("stopped")
    assert committed(scene, f"{scene.name}.profile", scene.topic) == [31, 31]
    kept = read_state(scene.records(scene.own.state))[shop.MONITOR]
    assert kept.checkpoints
    assert kept.panes.keys() == {shop.T0}
    unfinished = [r for r in snapshots(scene) if r.pane_start_ms > shop.T0]
    assert sorted(r.partition.number for r in unfinished) == [0, 1]


def test_sigint_ends_it_too(scene: Scene) -> None:
    with scene.program() as running:
        running.wait_until_ready()
        running.process.signal(signal.SIGINT)
        assert running.wait_for_end(PROMISED_SECONDS) == 0


def test_a_second_signal_ends_it_at_once(
    own_broker: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """The first one waits for a broker that hangs."""
    scene = Scene(own_broker, topic_prefix, tmp_path)
    scene.create_topics()
    with scene.program() as running:
        running.wait_until_ready()
        with own_broker.frozen():
            running.process.signal(signal.SIGTERM)
            wait_for(lambda: running.said("stopping"), "the first signal heard")
            time.sleep(1)
            assert running.process.exit_code is None
            running.process.signal(signal.SIGTERM)
            assert running.wait_for_end(2) == 130


@pytest.mark.long
def test_a_broker_that_hangs_does_not_keep_it_from_ending(
    own_broker: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    scene = Scene(own_broker, topic_prefix, tmp_path)
    scene.create_topics()
    with scene.program() as running:
        running.wait_until_ready()
        with own_broker.frozen():
            running.process.signal(signal.SIGTERM)
            assert running.wait_for_end(PROMISED_SECONDS) in {0, 1}


# The beginning ----------------------------------------------------------------------------------


def test_a_port_in_use_is_told_before_anything_begins(scene: Scene) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = scene.config.read_text().replace("{port: 0}", f"{{port: {port}}}")
        scene.config.write_text(text)
        with scene.program() as running:
            assert running.wait_for_end() == 1
            said = running.log.read_text()
    assert f"cannot serve on 127.0.0.1, port {port}" in said
    assert "http.port" in said
    assert "Traceback" not in said


def test_it_waits_for_brokers_and_for_topics_and_says_so(topic_prefix: str, tmp_path: Path) -> None:
    broker = KafkaBroker(tmp_path / "broker")
    scene = Scene(broker, topic_prefix, tmp_path)
    with scene.program() as running:
        pages = running.wait_until_serving()
        try:
            wait_for(lambda: broker.bootstrap in why(pages), lambda: why(pages))
            assert "Connection refused" in why(pages)
            assert pages.get("/-/ready")[0] == 503
            assert pages.get("/-/healthy")[0] == 200
            broker.start()
            wait_for(lambda: "stream-drift topics create" in why(pages), lambda: why(pages), 60)
            assert pages.get("/-/ready")[0] == 503
            scene.create_topics()
            scene.produce([*shop.events(0, 30), shop.sentinel(3)])
            wait_for(pages.is_working, lambda: why(pages), 60)
            wait_for(lambda: pages.total("streamdrift_panes_closed_total") == 1, "a pane")
            assert running.process.stop() == 0
        finally:
            broker.stop()


# At work ----------------------------------------------------------------------------------------


def test_metrics_hold_every_score_of_the_newest_pane(scene: Scene) -> None:
    for partition in range(2):
        scene.produce([*shop.events(0, 40), *shop.events(1, 40), shop.sentinel(4)], partition)
    with scene.service() as service:
        service.wait_for_panes(shop.starts(0, 1))
        service.wait_until_ready()
        text = service.pages.get("/metrics")[1]
        check_metrics(text)
        newest = scene.panes[shop.starts(1)[0]]
        expected = {
            (line.feature or "", line.score, window.name): line.value
            for window in newest.scores
            for line in window.lines.values()
            if line.value is not None
        }
        found = {
            tuple(dict(labels)[name] for name in ("feature", "score", "window")): value
            for labels, value in service.pages.series("streamdrift_score").items()
        }
    assert found == pytest.approx(expected)
    assert len(found) > 30
