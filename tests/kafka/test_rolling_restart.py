"""Three processes are replaced one by one under load: no pane is missed, none is told twice."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.program import wait_for
from tests.support.scene import Scene
from tests.support.service import Program

ROLES = (("profile", "detect"), ("profile", "detect"), ("profile",))
N_PARTITIONS, N_PANES, N_EVENTS, PAUSE_SECONDS = 3, 60, 30, 0.4


class Load(threading.Thread):
    """Panes of events, one after the other, until all are sent."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(name="load")
        self.scene = scene
        self.hurry = threading.Event()

    def run(self) -> None:
        for pane in range(N_PANES):
            for partition in range(N_PARTITIONS):
                self.scene.produce(shop.events(pane, N_EVENTS // N_PARTITIONS), partition)
            self.hurry.wait(PAUSE_SECONDS)
        for partition in range(N_PARTITIONS):
            self.scene.produce([shop.sentinel(N_PANES + 1)], partition)


def pane_lines(scene: Scene) -> list[tuple[int, float]]:
    """Pane and events, for every time that a pane was told."""
    return [
        (shop.pane_of(line["pane_start"]), line["value"])
        for line in scene.score_lines()
        if (line["window"], line["score"]) == ("pane", "volume")
    ]


@pytest.fixture
def scene(broker: KafkaBroker, topic_prefix: str, tmp_path: Path) -> Scene:
    scene = Scene(broker, topic_prefix, tmp_path, n_partitions=N_PARTITIONS)
    scene.create_topics()
    return scene


def test_processes_are_replaced_one_by_one_under_load(scene: Scene) -> None:
    load = Load(scene)
    with ExitStack() as running:

        def start(roles: tuple[str, ...]) -> Program:
            program = running.enter_context(scene.quick_program(*roles))
            program.wait_until_ready()
            return program

        programs = [start(roles) for roles in ROLES]
        load.start()
        for i, roles in enumerate(ROLES):
            n_told = len(pane_lines(scene))
            wait_for(lambda n=n_told: len(pane_lines(scene)) > n, "panes close before a restart")  # type: ignore[misc]
            assert programs[i].process.stop() == 0
            programs[i] = start(roles)
        load.hurry.set()
        load.join()
        wait_for(
            lambda: len({pane for pane, _ in pane_lines(scene)}) >= N_PANES,
            lambda: f"{N_PANES} panes; told: {sorted({pane for pane, _ in pane_lines(scene)})}",
            60,
        )
        assert [program.process.stop() for program in programs] == [0, 0, 0]
    told = [(pane, n) for pane, n in pane_lines(scene) if pane < N_PANES]
    assert Counter(told) == {(pane, N_EVENTS): 1 for pane in range(N_PANES)}
