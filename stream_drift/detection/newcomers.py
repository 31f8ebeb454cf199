"""Directions that joined a monitor which had learned without them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.clean_panes import CleanPanes

REASON = "new: still being learned"


@dataclass(slots=True, eq=False)
class Newcomers:
    """What is learned of new directions while the others stay armed; they open nothing so far.

    Attributes
    ----------
    who
        The new directions, shape (k,).
    clean
        Their clean panes; the other directions stay empty.
    since_ms
        Start of the first pane; ``None``: none yet.
    """

    who: NDArray[np.bool_]
    clean: CleanPanes
    since_ms: int | None = None

    @classmethod
    def start(cls, who: NDArray[np.bool_]) -> Newcomers:
        """Nothing learned of them yet."""
        return cls(who, CleanPanes(len(who)))

    @property
    def unarmable(self) -> dict[int, str]:
        """Why they carry no weight."""
        return dict.fromkeys(np.flatnonzero(self.who).tolist(), REASON)
