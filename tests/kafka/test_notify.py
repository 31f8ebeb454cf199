"""The notify role as a process of its own, on a real broker, with receivers on the loopback."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from confluent_kafka import Producer

from stream_drift.incidents.alert import Alert, data_json, headers
from tests.support.broker import KafkaBroker
from tests.support.kafka_log import client_settings
from tests.support.program import wait_for
from tests.support.receiver import Receiver, Reply
from tests.support.scene import Scene
from tests.unit.notify.world import alert


def publish(scene: Scene, *alerts: Alert) -> None:
    with Producer(client_settings(scene.broker.bootstrap)) as producer:
        for each in alerts:
            key = each.data.incident.encode()
            producer.produce(
                scene.own.alerts, data_json(each), key, partition=0, headers=dict(headers(each))
            )
        assert producer.flush(30) == 0


def ids(receiver: Receiver) -> list[str]:
    return [json.loads(request.body)["id"] for request in receiver.requests]


def test_a_killed_process_loses_nothing_and_a_dead_channel_holds_up_no_other(
    broker: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    scene = Scene(broker, topic_prefix, tmp_path)
    scene.create_topics()
    with Receiver() as good, Receiver() as bad:
        bad.replies.extend([Reply(503)] * 1_000)
        channels = [
            {"type": "webhook", "name": "good", "url": good.url},
            {"type": "webhook", "name": "bad", "url": bad.url},
        ]
        text = scene.config.read_text()
        scene.config.write_text(text + "\n" + yaml.safe_dump({"channels": channels}))
        with scene.program("--role", "notify") as program:
            pages = program.wait_until_serving()
            publish(scene, alert("a", 1), alert("b", 1))
            wait_for(lambda: len(ids(good)) == 2, program.log.read_text)
            wait_for(lambda: len(bad.requests) >= 3, "attempts at the dead channel")
            sent = pages.total("streamdrift_notifications_total", channel="good", outcome="sent")
            assert sent == 2
            wait_for(lambda: "notify bad" in pages.get("/-/ready")[1], "a channel not ready")
            assert pages.get("/-/healthy")[0] == 200
            program.kill()
        bad.requests.clear()
        bad.replies.clear()
        with scene.program("--role", "notify") as program:
            program.wait_until_ready()
            wait_for(lambda: ids(bad) == ["a/1", "b/1"], program.log.read_text)
            publish(scene, alert("a", 2, change="resolved"))
            wait_for(lambda: ids(bad)[-1] == "a/2" == ids(good)[-1], lambda: str(ids(good)))
        assert set(ids(good)) == {"a/1", "b/1", "a/2"}
