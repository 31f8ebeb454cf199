"""The identity of events: their own id, or their offset where they have none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.category import are_plain, category_text
from stream_drift.events.columns import INVALID_CATEGORY


def id_texts(values: list[object], offsets: NDArray[np.int64]) -> list[str]:
    """The id of every event as category text; of an event without one, that of its offset."""
    if are_plain(values):
        return values  # type: ignore[return-value] # all are texts
    return [
        offset_identity(int(offsets[row]))
        if value is None or value is INVALID_CATEGORY
        else category_text(value)
        for row, value in enumerate(values)
    ]


def offset_identity(offset: int) -> str:
    """An id for an event without one, which no event with an id can have.

    Whole numbers with ``.0`` are taken for this, since category text never has them: it writes
    ``17.0`` as ``17``.

    Examples
    --------
    >>> offset_identity(17)
    '17.0'
    """
    return f"{offset}.0"
