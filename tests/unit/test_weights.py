"""Training rows are weighed by how live their inputs look."""

from __future__ import annotations

import numpy as np
import pytest

from stream_drift.past.join import Table
from stream_drift.past.rows import Row
from stream_drift.past.weights import GREATEST, LEAST, training_weights

NUMBERS = frozenset({"size"})


def table(sizes: list[float | None], kinds: list[str]) -> Table:
    rows = [
        Row(i, "t", 0, i, str(i), each) for i, each in enumerate(zip(sizes, kinds, strict=True))
    ]
    return Table(("size", "kind"), rows)


def normal(rng: np.random.Generator, n: int, mean: float, share: float) -> Table:
    sizes: list[float | None] = rng.normal(mean, 1, n).tolist()
    return table(sizes, rng.choice(["a", "b"], n, p=[share, 1 - share]).tolist())


def test_weighted_training_rows_look_like_live_ones() -> None:
    rng = np.random.default_rng(5)
    live, training = normal(rng, 5_000, 0.7, 0.8), normal(rng, 5_000, 0.0, 0.5)
    weights = training_weights(live, training, ["size", "kind"], NUMBERS)
    sizes = np.array(training.column("size"), np.float64)
    is_a = np.array([kind == "a" for kind in training.column("kind")])
    assert weights.mean() == pytest.approx(1)
    assert weights.max() / weights.min() <= GREATEST / LEAST
    assert (weights * sizes).mean() == pytest.approx(0.7, abs=0.08)
    assert (weights * is_a).mean() == pytest.approx(0.8, abs=0.04)


def test_rows_that_did_not_change_count_about_once() -> None:
    rng = np.random.default_rng(6)
    weights = training_weights(
        normal(rng, 5_000, 0, 0.5), normal(rng, 5_000, 0, 0.5), ["size", "kind"], NUMBERS
    )
    assert np.abs(weights - 1).mean() < 0.1


def test_missing_values_and_empty_sides_are_ordinary() -> None:
    live = table([None] * 50 + [1.0] * 50, ["a"] * 100)
    training = table([None] * 10 + [1.0] * 90, ["a"] * 100)
    weights = training_weights(live, training, ["size", "kind"], NUMBERS)
    assert weights[0] > 2 * weights[-1]
    assert training_weights(table([], []), training, ["size"], NUMBERS).tolist() == [1.0] * 100
    assert training_weights(live, table([], []), ["size"], NUMBERS).tolist() == []
    assert training_weights(live, training, [], NUMBERS).tolist() == [1.0] * 100
