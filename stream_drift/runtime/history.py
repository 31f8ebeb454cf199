"""Recorded events as closed panes: what a baseline is learned from at once."""

from __future__ import annotations

from collections.abc import Sequence

from stream_drift.engine.detector import Detector
from stream_drift.engine.effects import PaneClosed
from stream_drift.profiles.profile import Profile
from stream_drift.runtime.replay import MonitorReplay, ReplayInput


def closed_panes(detector: Detector, inputs: Sequence[ReplayInput]) -> list[tuple[int, Profile]]:
    """Start (ms) and profile of every pane of the inputs' files, oldest first.

    Parameters
    ----------
    detector
        A fresh one of the monitor that publishes no scores; it is used up.

    Raises
    ------
    InputFileError
        Where a file cannot be read.
    """
    effects = MonitorReplay(detector, inputs).effects(lambda *_: None)
    return [(e.start_ms, e.profile) for e in effects if isinstance(e, PaneClosed)]
