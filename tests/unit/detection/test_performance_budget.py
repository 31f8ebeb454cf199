"""The performance policy: it learns, finds what is worse, says why, and forgets nothing."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from stream_drift.detection.decision import Changed, Decision, Opened, Resolved
from stream_drift.detection.performance_budget import PerformanceBudget, PerformancePolicy
from stream_drift.profiles.label_count import Told, labelled_cells
from stream_drift.profiles.labelled import LabelledLayout

BINARY = LabelledLayout("binary", ("(other)", "1"), scored=True, has_value=False)
NUMBER = LabelledLayout("regression")
PANE_MS = 1000
SETTINGS = PerformanceBudget(1.0, 10_000.0, learning_ms=60 * PANE_MS)
Counts = NDArray[np.int64]


def told(score: NDArray[np.float64], y: NDArray[np.float64], outside: object = 0) -> Counts:
    far = np.broadcast_to(np.asarray(outside, np.bool_), y.shape)
    return labelled_cells(BINARY, Told(np.full(len(y), np.nan), score, y, far)).count(
        BINARY, slice(None)
    )


class World:
    """Panes of one model, in which much can go wrong."""

    def __init__(self, seed: int, layout: LabelledLayout = BINARY) -> None:
        self.chance = np.random.default_rng(seed)
        self.policy = PerformancePolicy(SETTINGS, layout)
        self.now = 0

    def run(self, n_panes: int, *, n: float = 200, **change: float) -> list[Decision]:
        return [d for _ in range(n_panes) for d in self.take(self.pane(int(n), **change))]

    def take(self, counts: Counts) -> tuple[Decision, ...]:
        self.now += PANE_MS
        return self.policy.close_pane(self.now - PANE_MS, self.now, counts)

    def pane(
        self, n: int, shift: float = 0.0, flips: float = 0.0, strangers: float = 0.0
    ) -> Counts:
        """``shift`` moves the inputs, ``flips`` turns labels, ``strangers`` are not covered."""
        chance = self.chance
        x = chance.normal(1.5 + shift, 1, n)
        chances = 1 / (1 + np.exp(-(2 * x + 0.3 * x**2)))
        y = (chance.random(n) < chances) ^ (chance.random(n) < flips)
        score = 1 / (1 + np.exp(-2 * x))
        far = chance.random(n) < strangers
        y = np.where(far, chance.random(n) < 0.5, y)
        return told(score, y.astype(float), far)


def test_a_clean_stream_opens_nothing() -> None:
    assert World(1).run(400) == []


def test_it_opens_when_the_error_rises_and_resolves_when_it_falls() -> None:
    world = World(2)
    assert world.run(100) == []
    first, *later = world.run(20, flips=0.15)
    assert isinstance(first, Opened)
    assert first.policy == "performance"
    assert first.onset.estimate_ms == pytest.approx(100 * PANE_MS, abs=3 * PANE_MS)
    (found,) = first.findings
    assert found.reasons[0].startswith("error ")
    assert found.effect is not None
    assert found.effect == pytest.approx(0.1, abs=0.04)
    assert all(isinstance(decision, Changed) for decision in later)
    assert msgspec.json.encode([first, *later])  # no type of numpy's among them
    *_, last = world.run(30)
    assert last == Resolved("performance", last.pane_end_ms, "recovered")


def test_what_is_better_is_no_incident() -> None:
    world = World(3)
    for _ in range(100):
        world.take(world.pane(200, flips=0.1))
    better = world.run(60)
    assert not [d for d in better if isinstance(d, Opened) and "error" in d.findings[0].reasons[0]]


def test_a_restart_in_the_middle_changes_nothing() -> None:
    world, other = World(4), World(4)
    for i in range(130):
        change = {"flips": 0.15} if i >= 100 else {}
        assert world.run(1, **change) == other.run(1, **change)
        if i % 7 == 0:
            restored = PerformancePolicy(SETTINGS, BINARY)
            assert restored.restore(other.policy.snapshot())
            other.policy = restored
    assert not PerformancePolicy(SETTINGS, NUMBER).restore(world.policy.snapshot())


def test_thin_panes_wait_for_each_other() -> None:
    world = World(5)
    world.run(100)
    opened = world.run(400, n=7, flips=0.3)
    assert isinstance(opened[0], Opened)


def test_panes_with_too_few_labels_are_not_judged() -> None:
    world = World(6)
    world.run(100)
    view = BINARY.slices["predicted"]
    for _ in range(50):
        counts = world.pane(200, flips=0.5)
        counts[view.start] += 1_000
        assert world.take(counts) == ()


def test_accepting_learns_what_is_normal_anew() -> None:
    world = World(7)
    world.run(100)
    world.run(20, flips=0.15)
    assert [type(d) for d in world.policy.accept(world.now)] == [Resolved]
    assert world.run(200, flips=0.15) == []


def test_errors_of_a_number_that_grow_are_found() -> None:
    world = World(8, NUMBER)

    def pane(sd: float) -> Counts:
        y = world.chance.normal(0, 3, 200)
        predicted = y + world.chance.normal(0, sd, 200)
        none = np.full(200, np.nan)
        cells = labelled_cells(NUMBER, Told(predicted, none, y, np.zeros(200, np.bool_)))
        return cells.count(NUMBER, slice(None))

    for _ in range(100):
        assert world.take(pane(1.0)) == ()
    opened = [d for _ in range(20) for d in world.take(pane(1.4))]
    assert isinstance(opened[0], Opened)
    assert opened[0].findings[0].reasons[0].startswith("mean absolute error 0.")


CAUSES = {
    "data_drift": {"shift": -1.2},
    "concept_drift": {"flips": 0.12},
    "concept_and_data_drift": {"shift": -1.2, "flips": 0.12},
}


@pytest.mark.parametrize("kind", CAUSES)
def test_the_kind_says_whether_events_or_outcomes_changed(kind: str) -> None:
    named: list[str | None] = []
    for seed in range(5):
        world = World(20 + seed)
        world.run(100)
        decisions = world.run(30, **CAUSES[kind])
        said = [d.diagnosis for d in decisions if isinstance(d, Opened | Changed)]
        named.append(said[-1].kind if said and said[-1] is not None else None)
    assert named.count(kind) >= 4, named


def test_strangers_are_other_data_and_not_another_concept() -> None:
    world = World(30)
    world.run(100)
    said = [d.diagnosis for d in world.run(40, strangers=0.25) if isinstance(d, Opened | Changed)]
    assert said[-1] is not None
    assert said[-1].kind == "data_drift"
