"""The published scores of one window at the close of a pane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stream_drift.profiles.profile import Profile
from stream_drift.scoring.table import ScoreLine

PANE_WINDOW = "pane"
"""The name of the window that is the closed pane itself."""


@dataclass(frozen=True, slots=True)
class WindowScores:
    """All published scores of one trailing window, or of the pane itself.

    Attributes
    ----------
    start_ms, end_ms
        What the window covers, half-open.
    profile
        What it holds; extremes and new categories by name are kept for the pane only.
    complete
        It starts at or after the pane of the first event and no offset in it was lost.
    lines
        By feature (``None`` for the model) and score name, in published order.
    """

    name: str
    start_ms: int
    end_ms: int
    profile: Profile
    complete: bool
    lines: Mapping[tuple[str | None, str], ScoreLine]
