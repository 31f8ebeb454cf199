"""What producers write in the simulation: good events, odd ones, and records that are none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from zlib import crc32

import numpy as np

ODD = (
    None, b"", b"{", b"[1]", b"\xff", b'{"x": 1}', b'{"t": null, "x": 1}', b'{"t": 1, "x": 1}',
)  # fmt: skip
"""Records that can become no event, whatever their timestamps."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How a producer behaves.

    Attributes
    ----------
    delay_ms
        Events happened up to this long before they are written.
    odd_share
        Of all records.
    ahead_ms
        How far event times run ahead of the clock.
    shift
        Of the numbers, in reference sd.
    missing_share
        Of values.
    new_values
        How many texts beside the reference's the category may have.
    """

    delay_ms: int = 0
    odd_share: float = 0.0
    ahead_ms: int = 0
    shift: float = 0.0
    missing_share: float = 0.0
    new_values: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """One record of an input topic: its payload and its producer's timestamp."""

    value: bytes | None
    created_ms: int


def records(seed: int, n: int, habit: Habit, now_ms: int) -> list[Written]:
    """``n`` records that a producer writes now; the same for the same arguments."""
    chance = np.random.default_rng(seed)
    return [_record(chance, habit, now_ms) for _ in range(n)]


def _record(chance: np.random.Generator, habit: Habit, now_ms: int) -> Written:
    created = now_ms - int(chance.integers(0, 2_000))
    if chance.random() < habit.odd_share:
        return Written(_odd(chance, created), created)
    event = {
        "t": now_ms + habit.ahead_ms - int(chance.integers(0, habit.delay_ms + 1)),
        "x": _number(chance, habit),
        "y": _number(chance, habit),
        "c": _text(chance, habit),
    }
    kept = {name: value for name, value in event.items() if value != "absent"}
    kept["id"] = crc32(json.dumps([created, kept]).encode())
    return Written(json.dumps(kept).encode(), created)


def _odd(chance: np.random.Generator, created_ms: int) -> bytes | None:
    at = int(chance.integers(0, len(ODD) + 1))
    return ODD[at] if at < len(ODD) else json.dumps({"t": created_ms + 400_000}).encode()


def _number(chance: np.random.Generator, habit: Habit) -> object:
    """On the moment grid, so that sums can be checked with whole numbers."""
    if chance.random() < habit.missing_share:
        return (None, "absent", "oops", float("nan"), float("inf"))[int(chance.integers(0, 5))]
    return int(chance.normal(habit.shift, 1) * 256) / 256


def _text(chance: np.random.Generator, habit: Habit) -> object:
    if chance.random() < habit.missing_share:
        return (None, "absent", ["oops"])[int(chance.integers(0, 3))]
    known: tuple[object, ...] = ("red", "red", "blue", "blue", "grey", 17)
    at = int(chance.integers(0, len(known) + habit.new_values))
    return known[at] if at < len(known) else f"new {at}"
