"""Every event is counted once, whatever happens to the topics that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from stream_drift.windows.log import Lost
from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.program import wait_for
from tests.support.scene import QUICK, Scene
from tests.support.service import Pages

KIP_848 = {"group.protocol": "consumer"}
SOON = {"topic.metadata.refresh.interval.ms": "1000"}
"""New partitions are seen soon."""


@pytest.fixture(params=[QUICK])
def scene(
    request: pytest.FixtureRequest, broker: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> Scene:
    scene = Scene(broker, topic_prefix, tmp_path, kafka=request.param)
    scene.create_topics()
    return scene


def with_clients(*settings: Mapping[str, str]) -> pytest.MarkDecorator:
    """Once with each of these client settings."""
    return pytest.mark.parametrize(
        "scene", settings, ids=lambda each: each.get("group.protocol", "classic"), indirect=True
    )


def wait_for_events(pages: Pages, n: int) -> None:
    wait_for(
        lambda: pages.total("streamdrift_events_total") >= n,
        lambda: f"{n} events; {pages.total('streamdrift_events_total'):g} were read",
    )


@with_clients(QUICK, KIP_848)
def test_panes_hold_what_was_sent(scene: Scene) -> None:
    for pane in range(3):
        scene.produce(shop.events(pane, 30))
    with scene.service() as service:
        expected = scene.expected()
        scene.produce([shop.sentinel(5)])
        service.wait_for_panes(expected)
    assert scene.counted() == expected


# Retention --------------------------------------------------------------------------------------


def lost_of(scene: Scene) -> list[tuple[int, int]]:
    return [(record.start, record.end) for record in scene.log() if isinstance(record, Lost)]


def complete_windows(scene: Scene) -> list[int]:
    """The panes, numbered from T0, whose trailing window misses nothing."""
    return [
        (start - shop.T0) // shop.PANE_MS
        for start, pane in sorted(scene.panes.items())
        for window in pane.scores
        if window.name == "5m" and window.complete
    ]


def volumes(scene: Scene) -> dict[int, int]:
    """Events by pane, numbered from T0, as quick programs have published them."""
    return {
        shop.pane_of(line["pane_start"]): line["value"]
        for line in scene.score_lines()
        if (line["window"], line["score"]) == ("pane", "volume")
    }


def test_retention_takes_the_start_of_an_open_block_that_nobody_reads(scene: Scene) -> None:
    """Ten of pane 2 were read and five of them are gone; nothing else misses an event.

    What is lost may have happened up to the lateness after the pane that comes next, so windows
    with pane 3 are not complete either.
    """
    scene.produce([*shop.events(0, 30), *shop.events(1, 30), *shop.events(2, 10)])
    with scene.service() as service:
        service.wait_for_panes(shop.starts(0, 1))
        wait_for_events(service.pages, 70)
    scene.delete_records(65)
    with scene.service() as service:
        for pane in range(3, 10):
            scene.produce(shop.events(pane, 20))
        scene.produce([shop.sentinel(12)])
        service.wait_for_panes(shop.starts(*range(2, 10)))
    assert lost_of(scene) == [(0, 65)]
    before, after = scene.all_sent[:60], scene.all_sent[65:-1]
    assert scene.counted() == shop.expected([*before, *after], scene.folder)
    assert complete_windows(scene) == [8, 9]


def test_retention_takes_what_a_process_was_about_to_read(scene: Scene) -> None:
    """It is frozen while more comes than it may keep, and goes on where the log now begins."""
    scene.produce([*shop.events(0, 30), *shop.events(1, 10)])
    with scene.quick_program() as running:
        pages = running.wait_until_ready()
        wait_for(lambda: volumes(scene) == {0: 30}, lambda: str(volumes(scene)))
        with running.frozen():
            scene.produce([*shop.events(1, 30), *shop.events(2, 20)])
            scene.delete_records(80)
        for pane in range(3, 7):
            scene.produce(shop.events(pane, 20))
        scene.produce([shop.sentinel(12)])
        wait_for(lambda: 6 in volumes(scene), lambda: str(volumes(scene)))
        assert pages.is_ready()
        assert running.process.stop() == 0
    assert lost_of(scene) == [(0, 80)]
    remaining = {2: 10} | dict.fromkeys(range(3, 7), 20)
    assert volumes(scene) == {0: 30} | remaining


# Partitions -------------------------------------------------------------------------------------


@with_clients(QUICK | SOON, KIP_848 | SOON)
def test_partitions_added_while_running_are_read_from_their_start(scene: Scene) -> None:
    scene.produce(shop.events(0, 30))
    with scene.service() as service:
        wait_for_events(service.pages, 30)
        scene.broker.add_partitions(scene.topic, 3)
        for partition in range(3):
            scene.produce([*shop.events(1, 10), *shop.events(2, 10)], partition)
        wait_for_events(service.pages, 90)
        expected = scene.expected()
        for partition in range(3):
            scene.produce([shop.sentinel(5)], partition)
        service.wait_for_panes(expected)
    assert scene.counted() == expected


# Topics made again ------------------------------------------------------------------------------


@with_clients(QUICK, KIP_848)
def test_a_topic_made_again_while_nobody_reads_is_another_log(scene: Scene) -> None:
    scene.produce([*shop.events(0, 30), *shop.events(1, 10)])
    with scene.service() as service:
        wait_for_events(service.pages, 40)
    scene.recreate(scene.topic, 1, retention_ms=-1)
    scene.produce([*shop.events(1, 50), *shop.events(2, 20)])
    expected = scene.expected()
    scene.produce([shop.sentinel(5)])
    with scene.service() as service:
        service.wait_for_panes(expected)
    assert scene.counted() == expected


@with_clients(QUICK, KIP_848)
@pytest.mark.parametrize(("n_new", "tick_ms"), [(5, 200), (200, 200), (200, 2_000)])
def test_a_topic_made_again_under_a_reader_is_another_log(
    scene: Scene, n_new: int, tick_ms: int
) -> None:
    """Noticed at once, or only after a block of the new log was read at the old one's position."""
    scene.produce([*shop.events(0, 30), *shop.events(1, 10)])
    with scene.service(tick_ms=tick_ms) as service:
        scene.wait_for_idle(40)
        scene.recreate(scene.topic, 1, retention_ms=-1)
        scene.produce([*shop.events(1, n_new), *shop.events(2, 10), *shop.events(12, 10)])
        expected = scene.expected()
        scene.produce([shop.sentinel(15)])
        service.wait_for_panes(expected, 60)
    assert scene.counted() == expected
