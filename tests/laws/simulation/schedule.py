"""Schedules: lists of what happens, made from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tests.laws.simulation.actions import (
    Action,
    Crash,
    Expire,
    Forget,
    Freeze,
    Obey,
    Produce,
    Recreate,
    Repeat,
    Role,
    Run,
    Schedule,
    Skip,
    Spoil,
    Start,
    Stop,
    Stuck,
    Trim,
    Wait,
    Widen,
)  # fmt: skip
from tests.laws.simulation.stream import Habit

FAIR = {
    "produce": 26, "wait": 12, "profile": 26, "detect": 18, "start": 3, "stop": 2,
    "repeat": 4, "skip": 2, "obey": 2, "spoil": 2, "expire": 2,
}  # fmt: skip
"""What happens, and how often, where nothing may be lost."""

UNFAIR = {
    "trim": FAIR | {"trim": 6, "skip": 4},
    "widen": FAIR | {"widen": 5},
    "recreate": FAIR | {"recreate": 3},
    "replace": FAIR | {"replace": 3},
    "forget": FAIR | {"forget": 3, "expire": 0},
}
"""Likewise where something may be; what is left must still be right."""


class Maker:
    """Draws actions; everything that an action does follows from its own fields."""

    def __init__(self, seed: int, weights: Mapping[str, int], habit: Habit) -> None:
        self._chance = np.random.default_rng(seed)
        self._names = list(weights)
        share = np.array(list(weights.values()), float)
        self._shares = share / share.sum()
        self._habit = habit
        self._is_upset = False

    def make(self, n: int) -> Schedule:
        return tuple(self._one() for _ in range(n))

    def _one(self) -> Action:
        name = str(self._chance.choice(self._names, p=self._shares))
        action: Action = getattr(self, f"_{name}")()
        return action

    def _int(self, low: int, high: int) -> int:
        return int(self._chance.integers(low, high))

    def _is(self, share: float) -> bool:
        return bool(self._chance.random() < share)

    def _topic(self) -> str:
        return "a" if self._is(0.7) else "b"

    def _role(self) -> Role:
        return "profile" if self._is(0.6) else "detect"

    def _produce(self) -> Action:
        n = self._int(1, 12) if self._is(0.8) else self._int(12, 80)
        self._is_upset ^= self._is(0.1)  # something goes wrong upstream, or right again
        habit = self._habit
        if self._is_upset:
            habit = replace(habit, shift=2.0, missing_share=0.4, new_values=30)
        return Produce(self._topic(), self._int(0, 12), n, self._int(0, 2**31), habit)

    def _wait(self) -> Action:
        spans = (1_000, 5_000, 5_000, 20_000, 60_000, 60_000, 120_000, 700_000)
        return Wait(int(spans[self._int(0, len(spans))] * (0.5 + self._chance.random())))

    def _trouble(self) -> Crash | Freeze | Stuck | None:
        draw = self._chance.random()
        if draw < 0.08:
            return Crash(self._int(0, 25), float(self._chance.random()))
        if draw < 0.16:
            return Freeze(self._int(0, 25), self._int(1, 25), self._is(0.8))
        if draw < 0.2:
            return Stuck(self._int(1, 4))
        return None

    def _run(self, role: Role) -> Action:
        most = (1, 3, 10, 100, 2_000)[self._int(0, 5)]
        trouble = self._trouble()
        return Run(role, self._int(0, 4), self._int(1, 6), most, self._int(0, 2**31), trouble)

    def _profile(self) -> Action:
        return self._run("profile")

    def _detect(self) -> Action:
        return self._run("detect")

    def _start(self) -> Action:
        return Start(self._role())

    def _stop(self) -> Action:
        return Stop(self._role(), self._int(0, 4))

    def _repeat(self) -> Action:
        return Repeat(self._int(0, 2), self._int(1, 40))

    def _skip(self) -> Action:
        return Skip(self._topic(), self._int(0, 12), 1 if self._is(0.7) else 100_000)

    def _obey(self) -> Action:
        return Obey(self._int(0, 2), ("acknowledge", "mute", "mark-deploy")[self._int(0, 3)])

    def _spoil(self) -> Action:
        return Spoil(self._int(0, 2))

    def _expire(self) -> Action:
        return Expire()

    def _trim(self) -> Action:
        return Trim(self._topic(), self._int(0, 12), float(self._chance.random()))

    def _widen(self) -> Action:
        return Widen(self._topic())

    def _recreate(self) -> Action:
        return Recreate(self._topic(), self._int(1, 4), noticed=True)

    def _replace(self) -> Action:
        return Recreate(self._topic(), self._int(1, 4), noticed=False)

    def _forget(self) -> Action:
        return Forget()
