"""A monitor whose checkpoint is lost goes on, and says what became of its incidents."""

from __future__ import annotations

from pathlib import Path

import pytest
from confluent_kafka import Producer

from stream_drift.runtime.own_topics import partition_of
from stream_drift.runtime.state_store import Kept, read_state
from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.kafka_log import client_settings
from tests.support.program import wait_for
from tests.support.scene import N_OWN_PARTITIONS, Scene

SHIFTED = 3.0
NUMBER = partition_of(shop.MONITOR, N_OWN_PARTITIONS)
"""The partition of our topics that is the monitor's."""


@pytest.fixture
def scene(broker: KafkaBroker, topic_prefix: str, tmp_path: Path) -> Scene:
    """Eight panes are closed, and an incident is open since sizes shifted."""
    scene = Scene(broker, topic_prefix, tmp_path)
    scene.create_topics()
    for pane in range(8):
        scene.produce(shop.events(pane, 40, shift=SHIFTED if pane >= 5 else 0))
    scene.produce([shop.sentinel(8)])
    with scene.service() as service:
        service.wait_for_panes(shop.starts(*range(8)))
        assert scene.wait_for_alert("opened").data.status == "open"
        scene.wait_for_idle(321)
    return scene


def go_on(scene: Scene) -> None:
    """Four more panes, then a restart for good measure."""
    for pane in range(8, 12):
        scene.produce(shop.events(pane, 40, shift=SHIFTED))
        with scene.service() as service:
            scene.produce([shop.sentinel(pane + 1)])
            service.wait_for_panes(shop.starts(pane))
            assert service.changed == []


def open_incidents(scene: Scene) -> set[str]:
    last = {alert.data.incident: alert for alert in scene.alerts()}
    return {incident for incident, alert in last.items() if alert.data.status == "open"}


def superseded(scene: Scene) -> set[str]:
    alerts = scene.alerts()
    assert len({alert.id for alert in alerts}) == len(alerts)
    closed = [alert.data for alert in alerts if alert.data.change == "superseded"]
    assert {data.status for data in closed} <= {"resolved"}
    return {data.incident for data in closed}


def forget_log(scene: Scene, upto: int = -1) -> None:
    """What the state could be built from anew is beyond retention (-1: all of it)."""
    scene.delete_records(upto, NUMBER, scene.own.profiles)


def forget_checkpoints(scene: Scene) -> None:
    """Tombstones for both slots; the closed panes stay."""
    with Producer(client_settings(scene.broker.bootstrap)) as producer:
        for slot in "ab":
            key = f"{shop.MONITOR}/checkpoint/{slot}/0"
            producer.produce(scene.own.state, None, key, partition=NUMBER)
        assert producer.flush(30) == 0


def recreate_state(scene: Scene) -> None:
    scene.recreate(scene.own.state, N_OWN_PARTITIONS, cleanup_policy="compact")


def test_with_the_whole_log_nothing_is_lost_and_nothing_is_told_again(scene: Scene) -> None:
    before = {alert.id: alert.data for alert in scene.alerts()}
    recreate_state(scene)
    go_on(scene)
    assert scene.counted() == scene.expected(12)
    assert superseded(scene) == set()
    assert before.items() <= {alert.id: alert.data for alert in scene.alerts()}.items()


def test_without_log_it_goes_on_from_the_closed_panes(scene: Scene) -> None:
    """The next window holds the panes of before; nobody knows their incidents any more."""
    orphans = open_incidents(scene)
    forget_checkpoints(scene)
    forget_log(scene)
    go_on(scene)
    assert scene.counted() == scene.expected(12)
    assert events_in_window(scene, 8) == 5 * 40 + 1
    assert superseded(scene) == orphans != set()


def test_without_log_and_panes_it_starts_anew(scene: Scene) -> None:
    orphans = open_incidents(scene)
    recreate_state(scene)
    forget_log(scene)
    go_on(scene)
    assert scene.counted() == scene.expected(12)
    assert superseded(scene) == orphans != set()


def events_in_window(scene: Scene, pane: int) -> int:
    [window] = [w for w in scene.panes[shop.starts(pane)[0]].scores if w.name == "5m"]
    return window.profile.events


def test_a_state_topic_made_again_under_a_running_process_is_filled_anew(scene: Scene) -> None:
    with scene.service() as service:
        service.wait_until_ready()
        recreate_state(scene)
        scene.produce([*shop.events(8, 40), shop.sentinel(9)])
        service.wait_for_panes(shop.starts(8))
        wait_for(lambda: checkpoints(scene), "a checkpoint in the new topic")
        forget_log(scene, max(checkpoints(scene)) + 1)
        assert service.pages.is_ready()
    with scene.service() as service:
        scene.produce([*shop.events(9, 40), shop.sentinel(10)])
        service.wait_for_panes(shop.starts(9))
    assert scene.counted() == scene.expected(10)
    assert superseded(scene) == set()


def checkpoints(scene: Scene) -> list[int]:
    """Up to which offset of the log each checkpoint goes."""
    kept = read_state(scene.records(scene.own.state)).get(shop.MONITOR, Kept())
    return [checkpoint.applied for checkpoint in kept.checkpoints.values()]
