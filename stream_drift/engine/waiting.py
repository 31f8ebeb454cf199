"""Sampled predictions that wait for their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.label_columns import PREDICTION, SCORE
from stream_drift.profiles.label_count import Told, as_numbers, labelled_cells
from stream_drift.profiles.labelled import LabelledLayout
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.rows import PaneRows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(slots=True, eq=False)
class Waiting:
    """The sampled predictions of one pane; every array has shape (n,).

    Attributes
    ----------
    identity
        uint64, by which labels find them.
    prediction, score, outside
        As in `stream_drift.profiles.label_count.Told`.
    label, label_ms
        NaN and 0 while there is none.
    matured
        Whether the pane was judged already.
    """

    start_ms: int
    rate: float
    identity: NDArray[np.uint64]
    time_ms: Ints
    prediction: Floats
    score: Floats
    outside: NDArray[np.bool_]
    label: Floats
    label_ms: Ints
    matured: bool = False

    @classmethod
    def of(cls, layout: Layout, labelled: LabelledLayout, start_ms: int, rows: PaneRows) -> Waiting:
        """The predictions among the rows of a closed pane."""
        n, names = len(rows.rows), rows.names
        return cls.fresh(
            start_ms,
            rows.rate,
            identities(rows),
            np.array([row.time_ms for row in rows.rows], np.int64),
            as_numbers(labelled, [row.values[names.index(PREDICTION)] for row in rows.rows])
            if PREDICTION in names
            else np.full(n, np.nan),
            rows.table([SCORE])[:, 0] if SCORE in names else np.full(n, np.nan),
            _outside(layout, rows),
        )

    @classmethod
    def fresh(cls, start_ms: int, rate: float, identity: NDArray[np.uint64], *rest: Any) -> Waiting:
        """Without labels."""
        n = len(identity)
        none: tuple[Any, ...] = np.full(n, np.nan), np.zeros(n, np.int64)
        return cls(start_ms, rate, identity, *rest, *none)

    def __len__(self) -> int:
        return len(self.identity)

    def counts(self, layout: LabelledLayout) -> Ints:
        """Predictions and their labels so far."""
        told = Told(self.prediction, self.score, self.label, self.outside)
        return labelled_cells(layout, told).count(layout, slice(None))

    @property
    def delays_ms(self) -> Ints:
        """From the prediction to its label, of those that have one."""
        return (self.label_ms - self.time_ms)[np.isfinite(self.label)]

    def pack(self) -> list[Any]:
        """All but the labels, as plain values."""
        arrays = (self.identity, self.time_ms, self.prediction, self.score, self.outside)
        return [self.start_ms, self.rate, *(array.tobytes() for array in arrays)]

    @classmethod
    def unpack(cls, packed: list[Any]) -> Waiting:
        """What `pack` gave, without labels."""
        start_ms, rate, *data = packed
        kinds = (np.uint64, np.int64, np.float64, np.float64, np.bool_)
        arrays: list[Any] = [np.frombuffer(of, kind) for of, kind in zip(data, kinds, strict=True)]
        return cls.fresh(start_ms, rate, arrays[0], *arrays[1:])


def identities(rows: PaneRows) -> NDArray[np.uint64]:
    """The identities of rows as numbers."""
    return np.frombuffer(b"".join(row.identity for row in rows.rows), np.uint64)


def _outside(layout: Layout, rows: PaneRows) -> NDArray[np.bool_]:
    """Rows with a value out of range or a category that the reference does not know."""
    found = np.zeros(len(rows.rows), np.bool_)
    for part in layout.numbers:
        if part.name not in (PREDICTION, SCORE):
            values = rows.table([part.name])[:, 0]
            found |= (values < part.edges[0]) | (values >= part.edges[-1])
    for kinds in layout.categories:
        if kinds.name != PREDICTION:
            known = {None, *kinds.kept, *kinds.rare}
            found |= np.array([text not in known for text in rows.texts(kinds.name)], np.bool_)
    return found
