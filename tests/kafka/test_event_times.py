"""Producers whose clocks are wrong spoil nothing but their own events."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.scene import Scene

DAY_MS = 86_400_000


@pytest.fixture
def scene(broker: KafkaBroker, topic_prefix: str, tmp_path: Path) -> Scene:
    scene = Scene(broker, topic_prefix, tmp_path, n_partitions=2)
    scene.create_topics()
    return scene


def test_a_producer_that_is_a_day_ahead_moves_no_clock(scene: Scene) -> None:
    ahead: list[bytes] = []
    for pane in range(4):
        for partition in range(2):
            scene.produce(shop.events(pane, 20), partition)
        right = shop.events(pane, 15)
        wrong = [shop.encoded(event | {"t": event["t"] + DAY_MS}) for event in right]
        scene.append([(event["t"], value) for event, value in zip(right, wrong, strict=True)], 1)
        ahead += wrong
    with scene.service() as service:
        scene.wait_for_idle(80, 80 + len(ahead))
        expected = scene.expected(3)
        service.wait_for_panes(expected)
        pages = service.pages
        assert pages.total("streamdrift_events_total") == len(scene.all_sent)
        assert pages.total("streamdrift_late_events_total") == 0
        assert pages.by_label("streamdrift_rejected_events_total", "reason") == {
            "future_time": len(ahead)
        }
        clock_ms = pages.total("streamdrift_watermark_timestamp_seconds") * 1000
        assert clock_ms < shop.T0 + DAY_MS / 2
        delays = pages.by_label("streamdrift_expected_delay_seconds", "shift")
        assert delays["0.1"] >= delays["0.25"] > 0
        assert pages.total("streamdrift_audit_factor") == 1
    assert scene.counted() == expected
    copies = scene.records(scene.own.rejects)
    assert [copy.value for copy in copies] == ahead
    said = [dict(copy.headers) for copy in copies]
    assert {headers["streamdrift.reason"] for headers in said} == {b"future_time"}
    assert {headers["streamdrift.topic"] for headers in said} == {scene.topic.encode()}
    offsets = [int(headers["streamdrift.offset"]) for headers in said]
    assert offsets == [*range(20, 35), *range(55, 70), *range(90, 105), *range(125, 140)]


def test_a_producer_whose_clock_stands_is_counted_and_holds_its_own_partition_only(
    scene: Scene,
) -> None:
    """It writes into both partitions; only in the one it has to itself does time stand."""
    frozen: shop.Event = {"t": shop.T0 + 10_000, "size": 1.0, "kind": "soap"}
    for pane in range(3):
        scene.produce(shop.events(pane, 20), 0)
        scene.produce([frozen] * 10, 1)
        scene.append([(frozen["t"], shop.encoded(frozen))] * 10, 0)
    late = 20  # of pane 0, when partition 0 had passed it
    on_time = [frozen] * 10
    with scene.service() as service:
        scene.wait_for_idle(90, 30)
        pages = service.pages
        assert pages.is_ready()
        assert service.panes == {}
        assert pages.total("streamdrift_events_total") == 120
        assert pages.total("streamdrift_late_events_total") == late
        expected = shop.expected([*scene.all_sent, *on_time], scene.folder)
        for partition in range(2):
            scene.produce([shop.sentinel(5)], partition)
        service.wait_for_panes(expected)
    assert scene.counted() == expected
