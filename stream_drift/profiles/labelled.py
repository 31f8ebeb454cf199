"""The cells in which predictions are counted beside their labels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Task = Literal["binary", "multiclass", "regression"]

SCORE_BINS = 256
"""Equal bins of a binary score on [0, 1]."""
SCORE_GRID = 2**24
"""Scores, losses and squared errors of scores enter sums as whole multiples of 2**-24."""
ERROR_GRID = 2**20
"""Errors of a regression enter sums as whole multiples of 2**-20 of the unit."""
ERROR_WINSOR = 128.0
"""Greater errors, in units, enter as if they were this great."""
SQUARE_LOW_BITS = 24
OTHER_CLASS = "(other)"
_ERROR_STEPS = 2.0 ** np.arange(-8, 7.25, 0.25)
ERROR_EDGES = np.concatenate([-_ERROR_STEPS[::-1], _ERROR_STEPS])
"""Edges of the bins of a regression's error, in units: four to each doubling, about 0."""
ERROR_BINS = np.concatenate(
    [ERROR_EDGES[:1], (ERROR_EDGES[:-1] + ERROR_EDGES[1:]) / 2, ERROR_EDGES[-1:]]
)
"""The middle of every bin of the error."""


@dataclass(frozen=True)
class LabelledLayout:
    """Which cells a prediction, and a prediction with its label, add one to.

    The stretches, in this order. Binary and multiclass: ``predicted`` (stratum, predicted class)
    of every prediction; ``labelled`` (stratum, actual class, predicted class) of those with a
    label; ``outside`` the same for those whose features the reference does not cover. Regression:
    ``predicted`` (one cell), ``labelled`` by bins of the error (prediction less label). Then
    ``sums``: binary with a score its log loss, squared error, and the score itself, of the
    labelled; regression the absolute error, the error, and its square in two words.

    Attributes
    ----------
    classes
        Binary: anything else, then the positive class; multiclass: in order of frequency, the
        rest together last; regression: none.
    scored
        Whether a score on [0, 1] stands beside the prediction (binary only).
    has_value
        Whether events tell the predicted class; without it the score does (binary only).
    unit
        Of the errors of a regression: the sd of its predictions in the reference.
    """

    task: Task
    classes: tuple[str, ...] = ()
    scored: bool = False
    has_value: bool = True
    unit: float = 1.0

    name = "labelled"

    @cached_property
    def identity(self) -> bytes:
        """Eight bytes that are equal only where counts may be merged."""
        text = repr((self.task, self.classes, self.scored, self.has_value, self.unit))
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()

    @property
    def n_strata(self) -> int:
        """Strata of the score: its bins, or one for all."""
        return SCORE_BINS if self.scored else 1

    @cached_property
    def slices(self) -> dict[str, slice]:
        """The named stretches of the vector."""
        k, s = len(self.classes), self.n_strata
        if self.task == "regression":
            sizes = {"predicted": 1, "labelled": len(ERROR_BINS), "outside": 0, "sums": 4}
        else:
            labelled = s * k * k
            n_sums = 3 if self.scored else 0
            sizes = {"predicted": s * k, "labelled": labelled, "outside": labelled, "sums": n_sums}
        found, start = {}, 0
        for name, size in sizes.items():
            found[name] = slice(start, start + size)
            start += size
        return found

    @cached_property
    def size(self) -> int:
        """Length of the vector."""
        return int(self.slices["sums"].stop)

    def empty(self) -> NDArray[np.int64]:
        """No predictions."""
        return np.zeros(self.size, np.int64)

    def view(self, counts: NDArray[np.int64], name: str) -> NDArray[np.int64]:
        """A named stretch in its shape."""
        found, k = counts[self.slices[name]], len(self.classes)
        if self.task == "regression" or name == "sums":
            return found
        shape = (self.n_strata, k) if name == "predicted" else (self.n_strata, k, k)
        return found.reshape(shape)
