"""The engine over files: one monitor from the first record to the last closed pane."""

from __future__ import annotations

import heapq
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import Path

import msgspec

from stream_drift.detection.outlook import Outlook
from stream_drift.engine.detector import Detector
from stream_drift.engine.effects import (
    AppendToLog,
    DetectorEffect,
    PaneClosed,
    PaneMatured,
    Publish,
)
from stream_drift.engine.profiler import Cut, Profiler, ProfilerSettings
from stream_drift.events.mapping import EventMapping
from stream_drift.events.record import PartitionId, RecordBatch
from stream_drift.incidents.alert import iso
from stream_drift.runtime.files.event_order import (
    FAR_FUTURE_MS,
    Times,
    read_times,
    sorted_batches,
    unsorted_batches,
)
from stream_drift.windows.log import LogRecord

TOPIC_ID = "replay"
"""The topic id of every file."""

Tell = Callable[[str, int, int | None], None]
"""Told what is being done, how many records are done, and of how many if that is known."""
_Step = tuple[int, int, RecordBatch | None]
"""(event time, number of the input, its next batch; ``None`` behind the last)."""


@dataclass(frozen=True, slots=True)
class ReplayInput:
    """A file that stands for an input topic: one partition."""

    topic: str
    path: Path
    mapping: EventMapping
    profiler: ProfilerSettings


@dataclass(slots=True)
class Totals:
    """What became of the events; ``events`` are the accepted ones, late ones included.

    ``state`` is that of the baseline at the end of the last pane, ``outlook`` what it can see.
    """

    state: str
    outlook: Outlook
    events: int = 0
    late: int = 0
    rejected: Tally[str] = field(default_factory=Tally)
    panes: int = 0
    incidents: int = 0


class MonitorReplay:
    """Runs the files of one monitor's inputs through its profilers and its detector, once.

    Parameters
    ----------
    detector
        A fresh one.
    in_order
        Take the records as they stand instead of sorting them by event time.
    """

    def __init__(
        self, detector: Detector, inputs: Sequence[ReplayInput], *, in_order: bool = False
    ) -> None:
        self._detector = detector
        self._inputs = inputs
        self._in_order = in_order
        self._profilers = [
            Profiler(source.profiler, PartitionId(source.topic, TOPIC_ID, 0), Cut(0))
            for source in inputs
        ]
        self._n_holding = sum(map(self._holds, inputs))
        self._panes = self._incidents = 0

    def effects(self, tell: Tell) -> Iterator[DetectorEffect]:
        """Closed panes and alerts, in the order of event time; at the end all panes close.

        Raises
        ------
        InputFileError
            Where a file cannot be read.
        """
        times = None if self._in_order else self._read_times(tell)
        total = None if times is None else sum(map(len, times))
        streams = [self._steps(i, times[i] if times else None) for i in range(len(self._inputs))]
        n_done = 0
        for _, i, batch in heapq.merge(*streams, key=itemgetter(0, 1)):
            records = self._end(i) if batch is None else self._read(i, batch)
            for record in records:
                yield from map(self._counted, self._detector.apply(record, 0))
            n_done += 0 if batch is None else len(batch)
            tell("replaying", n_done, total)

    @property
    def totals(self) -> Totals:
        """What has become of the events so far."""
        outlook = self._detector.outlook
        totals = Totals(
            outlook.baseline.stage, outlook, panes=self._panes, incidents=self._incidents
        )
        for profiler in self._profilers:
            totals.events += profiler.events
            totals.late += profiler.late
            totals.rejected.update(profiler.rejected)
        return totals

    def _read_times(self, tell: Tell) -> list[Times]:
        n_read = 0

        def on_read(n: int) -> None:
            nonlocal n_read
            n_read += n
            tell("ordering", n_read, None)

        return [read_times(source.path, source.mapping, on_read) for source in self._inputs]

    def _steps(self, i: int, times: Times | None) -> Iterator[_Step]:
        """The input's batches by event time, so that the inputs move on together."""
        source = self._inputs[i]
        if times is None:
            batches = unsorted_batches(source.path, source.mapping)
        else:
            batches = sorted_batches(source.path, source.mapping, times)
        time_ms = 0
        for batch in batches:
            yield int(batch.timestamps_ms[0]), i, batch
            time_ms = int(batch.timestamps_ms[-1])
        yield time_ms, i, None

    def _read(self, i: int, batch: RecordBatch) -> Iterable[LogRecord]:
        profiler = self._profilers[i]
        for effect in (*profiler.apply(batch), *profiler.write_passed()):
            if isinstance(effect, AppendToLog):
                yield effect.record
        yield profiler.progress(1)

    def _end(self, i: int) -> Iterable[LogRecord]:
        """An input that has ended holds no pane open; the last one closes the last pane.

        Time then stands at the end of that pane: nothing is known of what comes after it, so
        no feed has stopped. Labels go on alone; where they have ended no other will ever come, so
        all panes of predictions mature.
        """
        profiler = self._profilers[i]
        for effect in profiler.write_changed():
            if isinstance(effect, AppendToLog):
                yield effect.record
        end_ms: int | None = FAR_FUTURE_MS
        if self._holds(self._inputs[i]):
            self._n_holding -= 1
            if not self._n_holding:
                end_ms = self._last_pane_end_ms()
                self._detector.performance.predictions_end = True
        yield replace(profiler.progress(1), watermark_ms=end_ms)

    def _holds(self, source: ReplayInput) -> bool:
        return source.topic in self._detector.settings.holding

    def _last_pane_end_ms(self) -> int | None:
        times_ms = [
            profiler.watermark_ms + source.profiler.lateness_ms
            for profiler, source in zip(self._profilers, self._inputs, strict=True)
            if profiler.watermark_ms is not None and self._holds(source)
        ]
        pane_ms = self._detector.reference.layout.pane_ms
        return (max(times_ms) // pane_ms + 1) * pane_ms if times_ms else None

    def _counted(self, effect: DetectorEffect) -> DetectorEffect:
        match effect:
            case PaneClosed():
                self._panes += 1
                return effect
            case PaneMatured():
                return effect
            case Publish(alert):
                self._incidents += alert.data.change == "opened"
                data = msgspec.structs.replace(alert.data, detected_at=iso(alert.time_ms))
                return Publish(replace(alert, data=data))
            case _:
                return effect
