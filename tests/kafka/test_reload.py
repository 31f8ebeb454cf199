"""A running service takes up a changed configuration: same process, same port, nothing lost."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.program import wait_for
from tests.support.scene import Scene
from tests.support.service import Pages

SUCCESSFUL = "streamdrift_config_last_reload_successful"


@pytest.fixture
def scene(broker: KafkaBroker, topic_prefix: str, tmp_path: Path) -> Scene:
    scene = Scene(broker, topic_prefix, tmp_path, n_partitions=2)
    scene.create_topics()
    return scene


def reload(pages: Pages) -> int:
    return pages.post("/-/reload")


def change(scene: Scene, old: str, new: str) -> None:
    text = scene.config.read_text()
    assert old in text
    scene.config.write_text(text.replace(old, new))


def windows(pages: Pages) -> set[str]:
    found = pages.series("streamdrift_window_events")
    return {dict(labels)["window"] for labels in found}


def volumes(scene: Scene) -> dict[int, float]:
    """Events by pane, as the program has written them."""
    return {
        shop.pane_of(line["pane_start"]): line["value"]
        for line in scene.score_lines()
        if (line["window"], line["score"]) == ("pane", "volume")
    }


def produce(scene: Scene, first: int, last: int) -> None:
    for partition in range(2):
        for pane in range(first, last):
            scene.produce(shop.events(pane, 20), partition)
        scene.produce([shop.sentinel(last + 1)], partition)


def test_a_changed_configuration_is_taken_up_and_a_bad_one_is_not(scene: Scene) -> None:
    with scene.quick_program() as running:
        pages = running.wait_until_ready()
        produce(scene, 0, 3)
        wait_for(lambda: windows(pages) == {"5m", "pane"}, lambda: f"{windows(pages)}")
        assert reload(pages) == 200
        assert running.said("configuration has not changed")

        change(scene, "windows: [5m]", "windows: [nonsense]")
        assert reload(pages) == 500
        [line] = running.said("configuration kept")
        assert "windows" in str(line["error"])
        assert pages.total(SUCCESSFUL) == 0
        assert pages.is_working()

        change(scene, "windows: [nonsense]", "windows: [5m, 10m]")
        running.process.signal(signal.SIGHUP)
        wait_for(lambda: running.said("configuration reloaded"), "the reload")
        assert pages.total(SUCCESSFUL) == 1
        wait_for(pages.is_working, lambda: pages.get("/-/ready")[1])
        produce(scene, 5, 8)
        wait_for(lambda: windows(pages) == {"5m", "10m", "pane"}, lambda: f"{windows(pages)}")
        wait_for(lambda: 7 in volumes(scene), lambda: f"{volumes(scene)}")
        assert running.process.stop() == 0
    assert volumes(scene) == {0: 40, 1: 40, 2: 40, 4: 2, 5: 40, 6: 40, 7: 40}


def test_new_client_settings_and_a_missing_reference(scene: Scene) -> None:
    with scene.quick_program() as running:
        pages = running.wait_until_ready()
        change(scene, '"session.timeout.ms": "3000"', '"session.timeout.ms": "4000"')
        assert reload(pages) == 200
        wait_for(pages.is_working, lambda: pages.get("/-/ready")[1])
        change(scene, shop.REFERENCE, "elsewhere.json")
        assert reload(pages) == 500
        change(scene, "elsewhere.json", shop.REFERENCE)
        change(scene, '"session.timeout.ms": "4000"', '"auto.offset.reset": "latest"')
        assert reload(pages) == 500
        assert "must be 'error' here" in running.log.read_text()
        wait_for(pages.is_working, lambda: pages.get("/-/ready")[1])
        assert running.process.stop() == 0
