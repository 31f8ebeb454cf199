"""The profiler of one monitor on one input partition: a pure function of that partition's log."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass, field

import numpy as np

from stream_drift.engine.effects import AppendToLog, CopyReject, ProfilerEffect
from stream_drift.engine.event_batch import EventBatch, Ints
from stream_drift.events.decode import Decoder
from stream_drift.events.record import PartitionId, RecordBatch
from stream_drift.profiles.count import AdmittedNew, Counter, name_new_values
from stream_drift.profiles.profile import Profile
from stream_drift.profiles.sample import PaneSample, Sampler
from stream_drift.windows.blocks import events_before_full, rows_before_cut
from stream_drift.windows.lateness import late_events, latest_times, pane_starts_of
from stream_drift.windows.log import Ledger, Lost, Progress, Snapshot


@dataclass(frozen=True, slots=True)
class ProfilerSettings:
    """What a profiler needs to know of its monitor and input.

    Attributes
    ----------
    sampler
        ``None``: no rows are kept.
    copies_payloads
        Whether rejected records are copied with their bytes, or only named.
    """

    decoder: Decoder
    counter: Counter
    lateness_ms: int
    sampler: Sampler | None = None
    copies_payloads: bool = True


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where a block begins, and the greatest event time before it."""

    block_start: int
    greatest_event_ms: int | None = None


@dataclass(slots=True)
class _PaneSoFar:
    """The open block's part of one pane."""

    profile: Profile
    sample: PaneSample | None
    events: int = 0
    changed: bool = False


@dataclass(slots=True)
class _Block:
    """The open block: what its ledger will say."""

    start: int
    greatest_record_ms: int | None = None
    events: int = 0
    late: int = 0
    rejected: Tally[str] = field(default_factory=Tally)
    panes: dict[int, _PaneSoFar] = field(default_factory=dict)
    admitted: AdmittedNew = field(default_factory=dict)


class Profiler:
    """Turns records into snapshots and ledgers; see DESIGN 2.1 for when each is written.

    `apply` is the only way forward. Content depends on the log and on the cut where it started,
    never on batches: two profilers that start from different cuts of the same log write equal
    blocks from the first common cut on.
    """

    def __init__(self, settings: ProfilerSettings, partition: PartitionId, cut: Cut) -> None:
        self.partition = partition
        self.position = cut.block_start
        self._settings = settings
        self._pane_ms = settings.counter.layout.pane_ms
        self._greatest_event_ms = cut.greatest_event_ms
        self._cut = cut
        self._block = _Block(cut.block_start)
        self.events = 0
        self.late = 0
        self.rejected: Tally[str] = Tally()

    @property
    def cut(self) -> Cut:
        """Where the open block began: where a successor must start."""
        return self._cut

    @property
    def watermark_ms(self) -> int | None:
        """Greatest event time minus the lateness; ``None`` before the first event."""
        if self._greatest_event_ms is None:
            return None
        return self._greatest_event_ms - self._settings.lateness_ms

    def apply(self, batch: RecordBatch) -> list[ProfilerEffect]:
        """Read on; records below the position are repeats and are skipped."""
        effects: list[ProfilerEffect] = []
        batch = batch.slice(int(np.searchsorted(batch.offsets, self.position)), len(batch))
        if len(batch):
            events, row = self._decode(batch), 0
            while row < len(batch):
                row = self._read_block(events, row, effects)
                if row < len(batch):
                    effects += self._end_block(int(batch.offsets[row]))
        self.position = max(self.position, batch.next_offset)
        return effects

    def _decode(self, batch: RecordBatch) -> EventBatch:
        """Everything that needs no block: done once, however many blocks the batch spans."""
        settings = self._settings
        columns = settings.decoder.decode(batch)
        starts = pane_starts_of(columns.times_ms, self._pane_ms)
        latest = latest_times(columns.times_ms, self._greatest_event_ms)
        late = late_events(starts, latest, self._pane_ms, settings.lateness_ms)
        coded = settings.counter.code(columns)
        on_time = np.flatnonzero(~late)
        places = None if settings.sampler is None else settings.sampler.places(columns)
        return EventBatch(batch, columns, coded, starts, latest, on_time, places)

    def _read_block(self, events: EventBatch, row: int, effects: list[ProfilerEffect]) -> int:
        """Count records of the open block from ``row`` on; the row that the next begins with."""
        block, records = self._block, events.records
        offsets, stamps = records.offsets[row:], records.timestamps_ms[row:]
        stop = row + rows_before_cut(offsets, stamps, block.start, block.greatest_record_ms)
        first, last = events.on_time.searchsorted([events.before(row), events.before(stop)])
        on_time = events.on_time[first:last]
        fits = events_before_full(events.pane_starts[on_time], block.panes.keys())
        if fits < len(on_time):
            stop, on_time = events.row_of(on_time[fits]), on_time[:fits]
        if stop > row:
            self._count(events, on_time)
            self._account(events, row, stop, len(on_time))
            effects += self._rejects(events, row, stop)
        return stop

    def _count(self, events: EventBatch, on_time: Ints) -> None:
        starts = events.pane_starts[on_time]
        for start in np.unique(starts).tolist():
            mine = on_time[starts == start]
            pane = self._pane(start)
            self._settings.counter.add(pane.profile, events.coded, _stretch(mine), len(mine))
            self._sample(events, pane.sample, mine)
            pane.events += len(mine)
            pane.changed = True
        self._name_new(events, on_time)

    def _sample(self, events: EventBatch, sample: PaneSample | None, mine: Ints) -> None:
        sampler, places = self._settings.sampler, events.places
        if sampler is not None and sample is not None and places is not None:
            chosen = mine[places[mine] < sample.limit]
            if len(chosen):
                sample.add(sampler.rows(events.columns, places, chosen))

    def _pane(self, start: int) -> _PaneSoFar:
        if start not in self._block.panes:
            sampler = self._settings.sampler
            sample = None if sampler is None else PaneSample(sampler.rate)
            profile = Profile.empty(self._settings.counter.layout)
            self._block.panes[start] = _PaneSoFar(profile, sample)
        return self._block.panes[start]

    def _name_new(self, events: EventBatch, on_time: Ints) -> None:
        new = events.new(on_time)
        if not new:
            return
        in_time = set(on_time.tolist())
        profiles = {
            row: self._block.panes[int(events.pane_starts[row])].profile
            for row, _, _ in new
            if row in in_time
        }
        name_new_values(new, self._block.admitted, profiles)

    def _account(self, events: EventBatch, row: int, stop: int, n_on_time: int) -> None:
        block, first, last = self._block, events.before(row), events.before(stop)
        block.events += last - first
        block.late += last - first - n_on_time
        greatest = int(events.records.timestamps_ms[row:stop].max())
        known = block.greatest_record_ms
        block.greatest_record_ms = greatest if known is None else max(known, greatest)
        if last > first:
            self._greatest_event_ms = int(events.latest_ms[last - 1])
        self.events += last - first
        self.late += last - first - n_on_time

    def _rejects(self, events: EventBatch, row: int, stop: int) -> list[ProfilerEffect]:
        rejects, batch = events.rejects(row, stop), events.records
        open_ = self._settings.copies_payloads
        for reasons in (self._block.rejected, self.rejected):
            reasons.update(reject.reason for reject in rejects)
        return [
            CopyReject(
                self.partition.topic,
                self.partition.number,
                reject.offset,
                reject.reason,
                reject.detail if open_ else "",
                batch.keys[reject.row] if batch.keys and open_ else None,
                batch.values[reject.row] if open_ else None,
            )
            for reject in rejects
        ]

    def _end_block(self, end: int) -> list[ProfilerEffect]:
        """Write what is unwritten of the open block, its ledger last, and begin the next."""
        self.position = end
        effects = self.write_changed()
        block = self._block
        panes = {start: pane.events for start, pane in sorted(block.panes.items())}
        rejected = dict(sorted(block.rejected.items()))
        ledger = Ledger(self.partition, block.start, end, block.events, block.late, rejected, panes)
        self._begin(Cut(end, self._greatest_event_ms))
        return [*effects, AppendToLog(ledger)]

    def _begin(self, cut: Cut) -> None:
        self._cut = cut
        self._block = _Block(cut.block_start)

    def write_changed(self, ended_by_ms: int | None = None) -> list[ProfilerEffect]:
        """Snapshots of panes that changed since their last one.

        Parameters
        ----------
        ended_by_ms
            Only panes that end at or before this time; ``None``: all.
        """
        effects: list[ProfilerEffect] = []
        for start, pane in sorted(self._block.panes.items()):
            if pane.changed and (ended_by_ms is None or start + self._pane_ms <= ended_by_ms):
                pane.changed = False
                sampler = self._settings.sampler
                sample = pane.sample.take(sampler.names) if sampler and pane.sample else None
                block, upto = self._block.start, self.position
                profile = pane.profile.copy()
                snapshot = Snapshot(self.partition, block, upto, start, profile, sample)
                effects.append(AppendToLog(snapshot))
        return effects

    def write_passed(self) -> list[ProfilerEffect]:
        """Snapshots of changed panes that the watermark has passed."""
        watermark = self.watermark_ms
        return [] if watermark is None else self.write_changed(watermark)

    def progress(self, partition_count: int, idle_as_of_ms: int | None = None) -> Progress:
        """How far this is; to be sent after the acks of `write_passed` (idle: of all changed)."""
        return Progress(
            self.partition, partition_count, self.position, self.watermark_ms, idle_as_of_ms
        )

    def lose(self, log_start: int) -> list[ProfilerEffect]:
        """Go on where the log now begins, because what stood before it is gone."""
        lost = Lost(self.partition, self._block.start, log_start)
        self.position = log_start
        self._begin(Cut(log_start, self._greatest_event_ms))
        return [AppendToLog(lost)]


def _stretch(rows: Ints) -> slice | Ints:
    """Rows without a gap as a slice, so that they are counted in place."""
    first, last = int(rows[0]), int(rows[-1]) + 1
    return slice(first, last) if last - first == len(rows) else rows
