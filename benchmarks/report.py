"""What a benchmark found, as one small table in Markdown: on screen, and in docs/."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """One measured thing; ``is_met`` is ``None`` where no target stands."""

    what: str
    measured: str
    target: str = ""
    is_met: bool | None = None

    @property
    def verdict(self) -> str:
        return {True: "", False: " (missed)", None: ""}[self.is_met]


def at_most(what: str, value: float, limit: float, unit: str = "") -> Line:
    return Line(what, f"{value:.3g}{unit}", f"≤ {limit:g}{unit}", value <= limit)


def at_least(what: str, value: float, limit: float, unit: str = "") -> Line:
    return Line(what, f"{value:.3g}{unit}", f"≥ {limit:g}{unit}", value >= limit)


def print_lines(title: str, lines: Sequence[Line]) -> None:
    """Measured things beside their targets."""
    rows = [(line.what, line.measured, f"{line.target}{line.verdict}") for line in lines]
    print_table(title, ("what", "measured", "target"), rows)


def print_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A heading and a table whose columns line up."""
    whole = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*whole, strict=True)]
    whole.insert(1, ["-" * width for width in widths])
    print(f"\n{title}\n")
    for row in whole:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(f"| {' | '.join(cells)} |", flush=True)


def median(found: Iterable[T], of: Callable[[T], float]) -> float:
    return statistics.median(map(of, found))


def median_ratio(above: Iterable[T], below: Iterable[T], of: Callable[[T], float]) -> float:
    """Median over the rounds of what two of the same round are to each other."""
    pairs = zip(above, below, strict=True)
    return statistics.median(of(one) / of(other) for one, other in pairs)
