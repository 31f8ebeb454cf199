"""The same events lead to the same, whatever partitions they take, and so does a replay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stream_drift.engine.effects import PaneClosed, Publish
from stream_drift.incidents.alert import Alert, data_json
from stream_drift.profiles.rows import PaneRows
from stream_drift.runtime.replay import MonitorReplay, ReplayInput
from tests.laws.simulation import monitors
from tests.laws.simulation.actions import Schedule
from tests.laws.simulation.checks import SinglePass, check_exact, check_repeatable, oracle
from tests.laws.simulation.monitors import Monitor
from tests.laws.simulation.schedule import FAIR, Maker
from tests.laws.simulation.stream import Habit
from tests.laws.simulation.world import World

TIDY = Habit(delay_ms=25_000, missing_share=0.05, new_values=3)
UNINTERRUPTED = FAIR | {"obey": 0}  # nobody gives commands to a replay
N_SHORT, N_LONG = 3, 200


def run(schedule: Schedule, n_partitions: int) -> World:
    world = World({"a": n_partitions, "b": n_partitions})
    world.execute(schedule)
    world.settle()
    return world


def replayed(world: World, monitor: Monitor, folder: Path) -> SinglePass:
    told = SinglePass(monitor.detector())
    sources = [
        ReplayInput(
            topic,
            written_to(folder / f"{monitor.name}-{topic}.jsonl", world, topic),
            monitor.mapping(topic),
            monitor.profiler(topic),
        )
        for topic in monitor.topics
    ]
    for effect in MonitorReplay(told.detector, sources).effects(lambda *_: None):
        match effect:
            case PaneClosed(start):
                told.panes[start] = effect
            case Publish(alert):
                told.alerts[alert.id] = alert
    return told


def written_to(path: Path, world: World, topic: str) -> Path:
    values = [
        record.value or b""
        for (topic_id, _), written in world.written.items()
        if topic_id.startswith(topic)
        for record in written
    ]
    path.write_bytes(b"\n".join(values))
    return path


def story(told: SinglePass) -> dict[str, Any]:
    """All alerts but the time at which they were found.

    After its last event a replay is over, while live the absence of events is noticed.
    """
    end_ms = max(told.panes, default=0) + monitors.PANE_MS
    return {a.id: undated(a) for a in told.alerts.values() if a.time_ms <= end_ms}


def undated(alert: Alert) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(data_json(alert))
    return {name: value for name, value in data.items() if name != "detected_at"}


def scores(told: SinglePass) -> dict[int, list[Any]]:
    return {
        start: [(window.name, window.complete, dict(window.lines)) for window in pane.scores]
        for start, pane in told.panes.items()
    }


def rows(told: SinglePass) -> dict[int, PaneRows]:
    return {start: pane.rows for start, pane in told.panes.items()}


@pytest.fixture(params=["short", pytest.param("long", marks=pytest.mark.long)])
def seeds(request: pytest.FixtureRequest) -> range:
    return range(N_SHORT) if request.param == "short" else range(N_SHORT, N_LONG)


def test_one_four_and_twelve_partitions_agree_with_a_replay(seeds: range, tmp_path: Path) -> None:
    for seed in seeds:
        schedule = Maker(500_000 + seed, UNINTERRUPTED, TIDY).make(120)
        worlds = [run(schedule, n_partitions) for n_partitions in (1, 4, 12)]
        for monitor in monitors.ALL:
            expected = replayed(worlds[0], monitor, tmp_path)
            assert expected.panes
            for world in worlds:
                told = check_repeatable(world, monitor)
                check_exact(told, oracle(world, monitor))
                assert told.counts() == expected.counts(), seed
                assert scores(told) == scores(expected), seed
                assert rows(told) == rows(expected), seed
                assert story(told) == story(expected), seed
