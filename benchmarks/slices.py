"""Planted segments of rows, and incidents of another kind: what `find_slices` names.

Run as ``python -m benchmarks slices``: 200 simulations of each kind.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.slices.find import FoundSlice, RowTable, find_slices

N_RUNS = 200
N_BEFORE, N_AFTER = 8_000, 3_000
N_NUMBERS, N_CATEGORIES = 6, 6
RARE = 0.2
LETTERS = "ABCDEFGHIJKLMNOPQRST"
Chance = np.random.Generator
Floats = NDArray[np.float64]
Planted = dict[str, str | tuple[float, float]]
"""What rows of the segment have: a category, or a range of a number."""


def rows(chance: Chance, n: int) -> RowTable:
    """Rows of correlated numbers of different shapes and categories of different width."""
    common = chance.normal(size=n)
    shapes: list[Callable[[Floats], Floats]] = [
        lambda z: z,
        np.exp,
        lambda z: np.round(3 * z),
        lambda z: z**3,
        lambda z: np.maximum(z, 0),
        lambda z: 100 + 15 * z,
    ]
    numbers = {
        f"x{i}": shapes[i](0.5 * common + np.sqrt(0.75) * chance.normal(size=n))
        for i in range(N_NUMBERS)
    }
    categories = {}
    for i in range(N_CATEGORIES):
        width = (2, 3, 5, 8, 12, 20)[i]
        weights = 1 / np.arange(1, width + 1)
        drawn = chance.choice(width, size=n, p=weights / weights.sum())
        categories[f"c{i}"] = [LETTERS[k] for k in drawn]
    return RowTable(numbers, categories, n)


def plant(chance: Chance, table: RowTable, n_features: int, share: float) -> Planted:
    """Put a segment into a share of the rows, in place; what it is.

    What the segment has was had by at most a fifth of the rows before.
    """
    hit = np.flatnonzero(chance.random(table.n_rows) < share)
    planted: Planted = {}
    for name in chance.permutation([*table.numbers, *table.categories]).tolist():
        if len(planted) == n_features:
            break
        if name in table.numbers:
            column = table.numbers[name]
            ends = np.quantile(column, chance.uniform(0.0, 0.85) + np.array([0.0, 0.15]))
            inside = column[(column >= ends[0]) & (column <= ends[1])]
            if len(inside) <= RARE * table.n_rows:
                column[hit] = chance.choice(inside, size=len(hit))
                planted[name] = (float(ends[0]), float(ends[1]))
        else:
            values = table.categories[name]
            value = str(chance.choice(sorted(map(str, set(values)))))
            if values.count(value) <= RARE * table.n_rows:
                for place in hit.tolist():
                    values[place] = value  # type: ignore[index]
                planted[name] = value
    return planted


def is_named(found: tuple[FoundSlice, ...], planted: Planted, table: RowTable) -> bool:
    """Whether the first slice has just the planted features, with their values and ranges."""
    if not found or {c.feature for c in found[0].conditions} != set(planted):
        return False
    for condition in found[0].conditions:
        wanted = planted[condition.feature]
        if isinstance(wanted, str) or not isinstance(condition.value, tuple):
            if condition.value != wanted:
                return False
            continue
        column = table.numbers[condition.feature]
        inside = (column >= wanted[0]) & (column <= wanted[1])
        named = (column >= condition.value[0]) & (column <= condition.value[1])
        if (inside & named).sum() < 0.5 * (inside | named).sum():
            return False
    return True


def segment(seed: int) -> bool:
    """Whether a planted segment is named first."""
    chance = np.random.default_rng(seed)
    before, after = rows(chance, N_BEFORE), rows(chance, N_AFTER)
    planted = plant(chance, after, 1 + seed % 2, chance.uniform(0.05, 0.3))
    return is_named(find_slices(before, after, {*planted}), planted, after)


def other(seed: int) -> bool:
    """Whether nothing is named when one number moves or spreads for all rows, or nothing does."""
    chance = np.random.default_rng(seed)
    before, after = rows(chance, N_BEFORE), rows(chance, N_AFTER)
    name = f"x{chance.integers(N_NUMBERS)}"
    column, sd = after.numbers[name], float(before.numbers[name].std())
    match seed % 4:
        case 0 | 1:
            column += chance.choice([-1, 1]) * chance.uniform(0.1, 1.5) * sd
        case 2:
            column[:] = (column - column.mean()) * chance.uniform(1.2, 2.5) + column.mean()
        case _:
            pass  # labels flip: the features stay
    return not find_slices(before, after, {*before.numbers, *before.categories})


def main() -> None:
    """Print the shares of right answers."""
    for name, trial in (("planted segment named first", segment), ("nothing invented", other)):
        right = [trial(seed) for seed in range(N_RUNS)]
        print(f"{name}: {sum(right)} of {N_RUNS}")


if __name__ == "__main__":
    main()
