"""Results of all statistics on all features, before they become lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.profile import Profile
from stream_drift.scoring.catalogue import CATALOGUE, MIN_USABLE
from stream_drift.scoring.counts import Score

Cell = list[float | None]
"""value, raw, p_value, low, high."""
N_FIELDS = 5

FEATURE_SCORES = [info for info in CATALOGUE.values() if "model" not in info.applies_to]
ROW = {info.name: row for row, info in enumerate(FEATURE_SCORES)}
_COMPARES = np.array([info.compares for info in FEATURE_SCORES])[:, None]
_MIN_N = np.array([info.min_n for info in FEATURE_SCORES])[:, None]


class Results:
    """A table of scores by features, filled statistic by statistic."""

    def __init__(self, n_features: int) -> None:
        self._fields = np.full((N_FIELDS, len(FEATURE_SCORES), n_features), np.nan)

    def put(self, name: str, features: NDArray[np.int64], score: Score) -> None:
        """Enter a statistic of some features."""
        row = ROW[name]
        columns = (score.value, score.raw, score.p_value, score.low, score.high)
        for field, column in enumerate(columns):
            if column is not None:
                self._fields[field, row, features] = column

    def cells(
        self, sizes: NDArray[np.int64], reference_usable: NDArray[np.int64]
    ) -> list[list[Cell]]:
        """Per feature and score its fields; all ``None`` where the score is insufficient."""
        enough = (sizes >= _MIN_N) & (~_COMPARES | (reference_usable >= MIN_USABLE))
        finite = np.isfinite(self._fields)
        kept = self._fields.astype(object)
        kept[~(finite & finite[0] & enough)] = None
        cells: list[list[Cell]] = kept.transpose(2, 1, 0).tolist()
        return cells


def sizes(live: Profile) -> NDArray[np.int64]:
    """The ``n`` of every score and feature: usable values, or all events for shares."""
    return np.where(_COMPARES, live.usable(), live.offered())
