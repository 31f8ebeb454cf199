"""Performance of one monitor's model, by the panes of its predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stream_drift.engine.effects import PaneMatured
from stream_drift.profiles.label_columns import labelled_of
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import Profile
from stream_drift.scoring.performance import performance_lines


@dataclass(frozen=True, slots=True)
class PerformanceSettings:
    """How labels come to predictions.

    Attributes
    ----------
    positives_only
        Only predicted positives ever get a label.
    """

    positives_only: bool = False


class Performance:
    """Scores panes of predictions once their labels are known."""

    def __init__(self, settings: PerformanceSettings, layout: Layout) -> None:
        self._settings = settings
        self._pane_ms = layout.pane_ms
        self._layout = labelled_of(layout)

    def close_pane(self, start_ms: int, profile: Profile) -> Iterator[PaneMatured]:
        """Labels that came with their predictions are all there when the pane closes."""
        layout = self._layout
        if layout is not None:
            counts = profile.view(layout.name)
            only = self._settings.positives_only
            lines = performance_lines(layout, counts, positives_only=only)
            yield PaneMatured(start_ms, start_ms + self._pane_ms, tuple(lines))
