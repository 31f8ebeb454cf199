"""A running service takes up a changed configuration, and keeps the last good one."""

from __future__ import annotations

import signal
import urllib.error
import urllib.request
from pathlib import Path

from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.ports import free_port
from tests.support.program import wait_for
from tests.support.scene import Scene
from tests.support.service import Pages, Program

SUCCESSFUL = "streamdrift_config_last_reload_successful"


def post(pages: Pages) -> tuple[int, str]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{pages.port}/-/reload", data=b"", method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as page:  # noqa: S310  # loopback
            return page.status, page.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()


def wait_until_served_again(running: Program, pages: Pages, n_times: int) -> None:
    wait_for(
        lambda: len(running.said("serving")) == n_times and pages.is_ready(),
        running.log.read_text,
    )


def test_good_configurations_replace_and_bad_ones_do_not(
    broker: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    scene = Scene(broker, topic_prefix, tmp_path, port=free_port())
    scene.create_topics()
    good = scene.config.read_text()
    with scene.program() as running:
        pages = running.wait_until_ready()
        scene.produce(shop.events(0, 50))

        scene.config.write_text(good.replace("pane: 1m", "pane: 1 minute"))
        status, reason = post(pages)
        assert status == 400
        assert "1 minute" in reason
        assert list(pages.series(SUCCESSFUL).values()) == [0]
        running.process.signal(signal.SIGHUP)
        wait_for(lambda: len(running.said("configuration kept")) == 2, "the second refusal")
        assert pages.is_ready()

        scene.config.write_text(good)
        assert post(pages) == (200, "done\n")
        wait_until_served_again(running, pages, 2)
        assert list(pages.series(SUCCESSFUL).values()) == [1]

        scene.config.write_text(good.replace("windows: [5m]", "windows: [5m, 1h]"))
        running.process.signal(signal.SIGHUP)
        wait_until_served_again(running, pages, 3)
        scene.produce([shop.sentinel(2)])
        wait_for(lambda: pages.series("streamdrift_window_events"), "a closed pane")
        windows = pages.by_label("streamdrift_window_events", "window")
        assert windows["1h"] == windows["5m"] == 50

        assert running.process.stop() == 0
    assert len(running.said("stopped")) == 1


def test_configuration_that_cannot_be_served_gives_way_to_the_one_before(
    broker: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    scene = Scene(broker, topic_prefix, tmp_path, port=free_port())
    scene.create_topics()
    good = scene.config.read_text()
    with scene.program() as running:
        pages = running.wait_until_ready()
        scene.config.write_text(good.replace("http: {", "http: {address: 192.0.2.1, "))
        assert post(pages)[0] == 200
        wait_until_served_again(running, pages, 2)
        assert list(pages.series(SUCCESSFUL).values()) == [0]
        assert running.process.stop() == 0
