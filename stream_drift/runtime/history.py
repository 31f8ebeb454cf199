"""Recorded events as closed panes: what a baseline is learned from at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from stream_drift.engine.detector import Detector
from stream_drift.engine.effects import PaneClosed
from stream_drift.engine.profiler import ProfilerSettings
from stream_drift.events.record import RecordBatch
from stream_drift.profiles.profile import Profile
from stream_drift.runtime.replay import MonitorReplay, ReplayInput
from stream_drift.windows.lateness import pane_starts_of

History = list[tuple[int, Profile]]
"""Start (ms) and profile of panes with events, oldest first."""


def closed_panes(detector: Detector, inputs: Sequence[ReplayInput]) -> History:
    """Every pane of the inputs' files.

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


def counted_panes(
    inputs: Iterable[tuple[ProfilerSettings, Iterable[RecordBatch]]],
    since_ms: int | None,
    until_ms: int | None,
) -> History:
    """Every whole pane between two moments, from records in any order: nothing is late.

    Parameters
    ----------
    inputs
        How each input is counted, and its records.
    since_ms, until_ms
        Panes that are not wholly between them hold only part of their events and are left out.
        Without an end the last pane is left out: it may not be over.
    """
    panes: dict[int, Profile] = {}
    pane_ms = 0
    for settings, batches in inputs:
        pane_ms = settings.counter.layout.pane_ms
        for batch in batches:
            _count(batch, settings, panes)
    first = min(panes, default=0) if since_ms is None else since_ms
    end = max(panes, default=0) if until_ms is None else until_ms
    return [(s, panes[s]) for s in sorted(panes) if first <= s <= end - pane_ms]


def _count(batch: RecordBatch, settings: ProfilerSettings, panes: dict[int, Profile]) -> None:
    counter = settings.counter
    columns = settings.decoder.decode(batch)
    coded = counter.code(columns)
    starts = pane_starts_of(columns.times_ms, counter.layout.pane_ms)
    for start in np.unique(starts).tolist():
        mine = np.flatnonzero(starts == start)
        profile = panes.setdefault(start, Profile.empty(counter.layout))
        counter.add(profile, coded, mine, len(mine))
