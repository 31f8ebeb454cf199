"""Incidents of a real process reach a receiver, whatever ends the process."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.program import wait_for
from tests.support.receiver import Receiver, Reply
from tests.support.scene import Scene

CHANNEL = "channels: [{{type: webhook, url: '{url}', secret: hush}}]\n"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def told(receiver: Receiver) -> list[str]:
    return [request.headers["webhook-id"] for request in receiver.requests]


def produce(scene: Scene, first: int, last: int, shift: float) -> None:
    for pane in range(first, last):
        scene.produce(shop.events(pane, 60, shift=shift))
    scene.produce([shop.sentinel(last)])


def test_an_incident_is_told_to_its_end_across_a_kill_in_the_middle_of_telling(
    broker: KafkaBroker, topic_prefix: str, tmp_path: Path, receiver: Receiver
) -> None:
    scene = Scene(broker, topic_prefix, tmp_path)
    scene.create_topics()
    scene.config.write_text(scene.config.read_text() + CHANNEL.format(url=receiver.url))
    receiver.replies.append(Reply(seconds=60))
    with scene.quick_program() as running:
        running.wait_until_ready()
        produce(scene, 0, 5, 0.0)
        produce(scene, 6, 9, 3.0)
        wait_for(lambda: told(receiver), "the first alert")
        running.process.signal(signal.SIGKILL)
        running.wait_for_end()
    opened = receiver.requests[0]
    with scene.quick_program() as running:
        pages = running.wait_until_ready()
        produce(scene, 10, 30, 0.0)
        end = scene.wait_for_alert("resolved")
        wait_for(lambda: end.id in told(receiver), lambda: f"{told(receiver)}")
        assert pages.total("streamdrift_notifications_total", outcome="sent") > 1
        assert pages.total("streamdrift_notifications_total", outcome="refused") == 0
        assert running.process.stop() == 0
    stands = [alert.id for alert in scene.alerts()]
    assert told(receiver) == [opened.headers["webhook-id"], *stands]
    assert stands[0] == opened.headers["webhook-id"]
    assert receiver.requests[1].body == opened.body
