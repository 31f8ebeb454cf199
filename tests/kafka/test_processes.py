"""What comes out does not depend on which processes did the work, nor on how they ended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.program import wait_for
from tests.support.scene import Scene

Line = dict[str, Any]
NewScene = Callable[[str], Scene]
N_PANES = 8


@pytest.fixture
def new_scene(broker: KafkaBroker, topic_prefix: str, tmp_path: Path) -> NewScene:
    """Makes scenes side by side, all with the same reference."""

    def make(name: str) -> Scene:
        folder = tmp_path / name
        folder.mkdir()
        scene = Scene(broker, f"{topic_prefix}.{name}", folder, n_partitions=2)
        scene.create_topics()
        return scene

    return make


def produce(scene: Scene, first: int, last: int) -> None:
    """Panes with sizes that shift in pane 5, the same in every scene."""
    for pane in range(first, last):
        for partition in range(2):
            shift = 3.0 if pane >= 5 else 0.0
            scene.produce(shop.events(pane, 30, seed=2 * pane + partition, shift=shift), partition)


def produce_sentinels(scene: Scene, pane: int) -> None:
    for partition in range(2):
        scene.produce([shop.sentinel(pane)], partition)


def scores(scene: Scene) -> dict[tuple[Any, ...], Line]:
    """Score lines by what they are about; one that was written twice must say the same."""
    found: dict[tuple[Any, ...], Line] = {}
    for line in scene.score_lines():
        key = (line["pane_start"], line["window"], line["feature"], line["score"])
        assert found.setdefault(key, line) == line
    return found


def alerts(scene: Scene) -> dict[str, Any]:
    """What alerts say, by id, without when they were said; no id twice."""
    found = {alert.id: alert.data for alert in scene.alerts()}
    assert len(found) == len(scene.alerts())
    return {
        identity: (data.change, data.status, data.opened_at, data.features, data.window)
        for identity, data in found.items()
    }


def wait_for_pane(scene: Scene, pane: int) -> None:
    wait_for(
        lambda: any(shop.pane_of(line["pane_start"]) == pane for line in scene.score_lines()),
        lambda: f"pane {pane}; logs: {[p.read_text()[-800:] for p in scene.logs()]}",
    )


def with_one_process(scene: Scene) -> None:
    with scene.quick_program() as running:
        produce(scene, 0, N_PANES)
        produce_sentinels(scene, N_PANES)
        wait_for_pane(scene, N_PANES - 1)
        assert running.process.stop() == 0


def test_two_processes_with_a_role_each_give_what_one_gives(new_scene: NewScene) -> None:
    one, two = new_scene("one"), new_scene("two")
    with_one_process(one)
    with ExitStack() as processes:
        running = [processes.enter_context(two.quick_program(r)) for r in ("profile", "detect")]
        produce(two, 0, N_PANES)
        produce_sentinels(two, N_PANES)
        wait_for_pane(two, N_PANES - 1)
        assert [each.process.stop() for each in running] == [0, 0]
    assert scores(two) == scores(one) != {}
    assert alerts(two) == alerts(one) != {}


@pytest.mark.long
def test_a_killed_process_leaves_nothing_out_and_its_successor_repeats_nothing(
    new_scene: NewScene,
) -> None:
    quiet, killed = new_scene("quiet"), new_scene("killed")
    with_one_process(quiet)
    for first, last in ((0, 3), (3, 6), (6, N_PANES)):
        with killed.quick_program() as running:
            running.wait_until_ready()
            produce(killed, first, last)
            if last == N_PANES:
                produce_sentinels(killed, N_PANES)
            wait_for_pane(killed, last - 1 if last == N_PANES else last - 2)
            running.process.kill()
    assert scores(killed) == scores(quiet) != {}
    assert alerts(killed) == alerts(quiet) != {}
