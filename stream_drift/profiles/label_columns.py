"""Where an input's columns hold the prediction, its score and its label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.columns import Columns
from stream_drift.profiles.label_count import LabelledCells, Told, as_numbers, labelled_cells
from stream_drift.profiles.labelled import LabelledLayout
from stream_drift.profiles.layout import Layout

LABEL = "label"
PREDICTION, SCORE = "prediction", "score"


@dataclass(frozen=True, slots=True)
class LabelReader:
    """Reads predictions and labels of one input; see `label_reader`.

    Attributes
    ----------
    numbers, categories
        Names of the columns that are features, in column order; the label may follow them.
    outside
        bool, shape (layout.size,): cells of values that the reference does not cover.
    """

    layout: LabelledLayout
    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    outside: NDArray[np.bool_]

    def read(self, columns: Columns, cells: NDArray[np.int64]) -> LabelledCells:
        """Where the events of a batch count, given the cells of their features."""
        none = np.full(len(columns), np.nan)
        score = self._number(columns, SCORE)
        told = Told(
            self._truth(columns, PREDICTION, none),
            none if score is None else score,
            self._truth(columns, LABEL, none),
            np.asarray(self.outside[cells].any(axis=0)),
        )
        return labelled_cells(self.layout, told)

    def _truth(
        self, columns: Columns, name: str, otherwise: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The column of a prediction or a label."""
        is_number = self.layout.task == "regression"
        values = self._number(columns, name) if is_number else self._category(columns, name)
        return otherwise if values is None else as_numbers(self.layout, values)

    def _category(self, columns: Columns, name: str) -> Sequence[object] | None:
        i = _place(name, self.categories)
        return columns.categories[i] if i < len(columns.categories) else None

    def _number(self, columns: Columns, name: str) -> NDArray[np.float64] | None:
        i = _place(name, self.numbers)
        return columns.numbers[:, i] if i < columns.numbers.shape[1] else None


def _place(name: str, names: tuple[str, ...]) -> int:
    """The column of that name; a label follows the others."""
    if name in names:
        return names.index(name)
    return len(names) if name == LABEL else len(names) + 1


def label_reader(layout: Layout, carried: Sequence[str]) -> LabelReader | None:
    """A reader for an input that carries these features; ``None``: there is nothing to count."""
    labelled = labelled_of(layout)
    if labelled is None or not {PREDICTION, SCORE} & set(carried):
        return None
    numbers = {part.name for part in layout.numbers}
    return LabelReader(
        labelled,
        tuple(name for name in carried if name in numbers),
        tuple(name for name in carried if name not in numbers),
        _outside(layout),
    )


def labelled_of(layout: Layout) -> LabelledLayout | None:
    """The cells of predictions and labels, where a layout has them."""
    return next((extra for extra in layout.extras if isinstance(extra, LabelledLayout)), None)


def _outside(layout: Layout) -> NDArray[np.bool_]:
    """Bins out of range and of new categories, but not of the prediction itself."""
    found = np.zeros(layout.size, np.bool_)
    bins = found[layout.slices["bins"]]
    for i, name in enumerate(layout.names):
        if name not in (PREDICTION, SCORE):
            bins[layout.bin_starts[i + 1] - 1] = True
            if i < layout.n_numbers:
                bins[layout.bin_starts[i]] = True
    return found
