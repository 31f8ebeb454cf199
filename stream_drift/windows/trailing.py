"""Trailing windows over closed panes, kept as running integer sums."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

DAY_MS = 86_400_000
HOUR_MS = 3_600_000

Vector = NDArray[np.int64]


def window_start_ms(pane_end_ms: int, window_ms: int) -> int:
    """Where the window that ends with a pane begins; windows over a day start at a full hour."""
    start = pane_end_ms - window_ms
    return start if window_ms <= DAY_MS else -(-start // HOUR_MS) * HOUR_MS


@dataclass(slots=True)
class TrailingSum:
    """The sum of the panes in one trailing window.

    Adding a pane and dropping expired ones cost the same however long the window is: integer
    vectors can be subtracted exactly. Windows over a day keep hours instead of panes.
    """

    window_ms: int
    size: int
    total: Vector = field(init=False)
    _pieces: deque[tuple[int, Vector]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        """Start empty."""
        self.total = np.zeros(self.size, np.int64)

    def push(self, start_ms: int, end_ms: int, additive: Vector) -> None:
        """Add the next closed pane and drop what the window no longer covers."""
        self.total += additive
        if self.window_ms <= DAY_MS:
            self._pieces.append((start_ms, additive))
        else:
            self._push_hour(start_ms - start_ms % HOUR_MS, additive)
        first = window_start_ms(end_ms, self.window_ms)
        while self._pieces and self._pieces[0][0] < first:
            self.total -= self._pieces.popleft()[1]

    def split(self, at_ms: int) -> tuple[Vector, Vector]:
        """What the window holds from before a time, and since; a kept hour counts as a whole."""
        before = np.zeros(self.size, np.int64)
        for start_ms, additive in self._pieces:
            if start_ms < at_ms:
                before += additive
        return before, self.total - before

    @property
    def first_ms(self) -> int | None:
        """Start of the oldest piece that it holds."""
        return self._pieces[0][0] if self._pieces else None

    @property
    def pieces(self) -> list[tuple[int, Vector]]:
        """Start and content of what it holds, oldest first."""
        return list(self._pieces)

    def fill(self, pieces: Iterable[tuple[int, Vector]]) -> None:
        """Hold these pieces and nothing else."""
        self._pieces = deque((start, vector) for start, vector in pieces)
        self.total = np.sum([np.zeros(self.size, np.int64), *(v for _, v in self._pieces)], axis=0)

    def _push_hour(self, hour_ms: int, additive: Vector) -> None:
        if self._pieces and self._pieces[-1][0] == hour_ms:
            self._pieces[-1] = (hour_ms, self._pieces[-1][1] + additive)
        else:
            self._pieces.append((hour_ms, additive))
