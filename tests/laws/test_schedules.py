"""Whatever happens to the processes, every event counts once and nothing is told differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from stream_drift.engine import chunks, row_store
from tests.laws.simulation import monitors
from tests.laws.simulation.actions import Schedule
from tests.laws.simulation.checks import (
    check_accounted,
    check_complete,
    check_exact,
    check_repeatable,
    check_rows_kept,
    oracle,
)
from tests.laws.simulation.schedule import FAIR, UNFAIR, Maker
from tests.laws.simulation.shrink import shrunk
from tests.laws.simulation.stream import Habit
from tests.laws.simulation.world import World

PUNCTUAL = Habit(delay_ms=25_000, odd_share=0.05, missing_share=0.05, new_values=3)
ROUGH = Habit(delay_ms=200_000, odd_share=0.05, ahead_ms=120_000, new_values=3)
N_ACTIONS = 150
N_SHORT, N_LONG = 8, 1_000
MOST_TRIALS = 300

Law = Callable[[Schedule], None]


def hold(law: Law, seed: int, weights: Mapping[str, int], habit: Habit) -> None:
    """The law holds for the schedule of a seed; what breaks it is shown as short as possible."""
    schedule = Maker(seed, weights, habit).make(N_ACTIONS)
    broken = failure(law, schedule)
    if broken is None:
        return
    short = shrunk(schedule, lambda shorter: is_alike(failure(law, shorter), broken), MOST_TRIALS)
    actions = "\n".join(f"    {action}," for action in short)
    pytest.fail(f"seed {seed} breaks it: {broken!r}\n{actions}\n{failure(law, short)!r}")


def failure(law: Law, schedule: Schedule) -> Exception | None:
    try:
        law(schedule)
    except Exception as error:  # noqa: BLE001 # whatever it is, it breaks the law
        return error
    return None


def is_alike(one: Exception | None, other: Exception) -> bool:
    """Whether both were raised in the same line."""
    return one is not None and _line(one) == _line(other)


def _line(error: Exception) -> tuple[str, int]:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return ("", 0) if trace is None else (trace.tb_frame.f_code.co_filename, trace.tb_lineno)


def settled(schedule: Schedule) -> World:
    world = World({"a": 3, "b": 2})
    world.execute(schedule)
    world.settle()
    return world


def every_event_counts_once(schedule: Schedule) -> None:
    world = settled(schedule)
    for monitor in monitors.ALL:
        check_exact(check_repeatable(world, monitor), oracle(world, monitor))


def rows_of_past_hours_are_kept(schedule: Schedule) -> None:
    world = settled(schedule)
    for monitor in monitors.ALL:
        check_rows_kept(world, monitor, check_repeatable(world, monitor))


def every_event_is_accounted_for(schedule: Schedule) -> None:
    world = settled(schedule)
    for monitor in monitors.ALL:
        check_accounted(check_repeatable(world, monitor), oracle(world, monitor))


def the_rest_goes_on(schedule: Schedule) -> None:
    """Events that come when all is over are counted, and whatever happened can be repeated."""
    world = settled(schedule)
    first_ms = world.now_ms - PUNCTUAL.delay_ms + monitors.PANE_MS
    world.produce_everywhere(8, 1, PUNCTUAL)
    world.settle()
    for monitor in monitors.ALL:
        counts = check_repeatable(world, monitor).counts()
        expected = oracle(world, monitor).with_events()
        for start in (start for start in expected if start >= first_ms):
            assert counts[start] == expected[start], "not all are counted again"


def losses_are_marked(schedule: Schedule) -> None:
    world = settled(schedule)
    for monitor in monitors.ALL:
        check_complete(check_repeatable(world, monitor), oracle(world, monitor))


@pytest.fixture(params=["short", pytest.param("long", marks=pytest.mark.long)])
def seeds(request: pytest.FixtureRequest) -> range:
    return range(N_SHORT) if request.param == "short" else range(N_SHORT, N_LONG)


def test_every_event_counts_once_whatever_happens_to_processes(seeds: range) -> None:
    for seed in seeds:
        hold(every_event_counts_once, seed, FAIR, PUNCTUAL)


def test_records_in_many_parts_count_once(seeds: range, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MAX_CHUNK_BYTES", 150)
    for seed in seeds:
        hold(every_event_counts_once, 100_000 + seed, FAIR, PUNCTUAL)


def test_rows_of_past_hours_survive(seeds: range, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"HOUR_MS": 120_000, "DENSE_MS": 360_000, "SPARSE_MS": 900_000}
    for name, size in {**sizes, "DENSE_ROWS": 9, "SPARSE_ROWS": 3}.items():
        monkeypatch.setattr(row_store, name, size)
    for seed in seeds:
        hold(rows_of_past_hours_are_kept, 600_000 + seed, FAIR, PUNCTUAL)


def test_late_and_early_events_are_accounted_for(seeds: range) -> None:
    for seed in seeds:
        hold(every_event_is_accounted_for, 200_000 + seed, FAIR, ROUGH)


def test_offsets_that_are_lost_are_marked(seeds: range) -> None:
    for seed in seeds:
        hold(losses_are_marked, 300_000 + seed, UNFAIR["trim"], PUNCTUAL)


@pytest.mark.parametrize("kind", UNFAIR)
def test_whatever_is_lost_the_rest_goes_on(kind: str, seeds: range) -> None:
    for seed in seeds[: len(seeds) // 2]:
        hold(the_rest_goes_on, 400_000 + seed, UNFAIR[kind], PUNCTUAL)
