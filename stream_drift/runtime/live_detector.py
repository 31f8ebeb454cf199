"""One detector in service: what it owes our topics, and how it takes up where it left off."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import structlog

from stream_drift.detection.baseline import BaselineState
from stream_drift.detection.outlook import Outlook
from stream_drift.engine.checkpoint import encode_checkpoint, restore_checkpoint
from stream_drift.engine.chunks import Joiner
from stream_drift.engine.detector import Detector
from stream_drift.engine.effects import (
    DetectorEffect,
    KeepJoin,
    KeepRows,
    PaneClosed,
    PaneMatured,
    Publish,
)
from stream_drift.engine.join_state import refill_join
from stream_drift.engine.wire import decode_record
from stream_drift.errors import WireFormatError
from stream_drift.incidents.alert import Alert, data_json, headers, iso
from stream_drift.profiles.codec import unpack_profile
from stream_drift.profiles.profile import Profile
from stream_drift.runtime.outlook_text import outlook_line
from stream_drift.runtime.state_store import Checkpoint, Kept, StateStore
from stream_drift.runtime.told import Told
from stream_drift.runtime.transport import LogWriter

MOST_OVER = 1_000
"""Resolved incidents that are remembered: a zombie may tell of their opening again."""
LOOK_OUT_EVERY_MS = 3_600_000
"""Event time between two looks at what can be seen."""

_logger = structlog.get_logger("stream_drift.detect")

PaneSink = Callable[[str, PaneClosed | PaneMatured], None]
"""Told of every closed and every matured pane with its monitor: for a file of scores."""


@dataclass(slots=True)
class LiveDetector:
    """Carries one monitor's records into its detector and the effects out.

    Attributes
    ----------
    applied
        Offset in the profiles partition up to which records are part of the state; -1: none.
    is_current
        Whether the log as it stood at take-up is applied.
    n_damaged
        Records of our own topic that could not be read.
    """

    detector: Detector
    store: StateStore
    writer: LogWriter
    alerts_topic: str
    on_pane: PaneSink
    told: Told = field(default_factory=Told)
    applied: int = -1
    is_current: bool = False
    n_damaged: int = 0
    n_panes: int = 0
    n_gaps: int = 0
    stage: str = "learning"
    stage_since_ms: int = 0
    pane_closed_ms: int | None = None
    evidence: Mapping[str | None, float] = field(default_factory=dict)
    clock_ms: int | None = None
    checkpoint_ms: int | None = None
    last_pane: PaneClosed | None = None
    last_matured: PaneMatured | None = None
    outlook: Outlook | None = None
    _looked_ms: int = 0
    _joiner: Joiner = field(default_factory=Joiner)
    _orphans: list[Alert] = field(default_factory=list)
    _over: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_OVER))

    @property
    def monitor(self) -> str:
        """Whose detector this is."""
        return self.store.monitor

    def apply(self, offset: int, value: bytes | None, append_time_ms: int) -> None:
        """Take one record of the monitor's log; what is part of the state already is skipped."""
        if offset <= self.applied:
            return
        self.applied = offset
        try:
            whole = None if value is None else self._joiner.add(value)
            if whole is None:
                return
            record = decode_record(whole, self.detector.reference.layout)
        except WireFormatError:
            self.n_damaged += 1
            return
        self.carry(self.detector.apply(record, append_time_ms))

    def observe(self, position: int) -> None:
        """All records below ``position`` are applied; note what metrics show of the detector."""
        self.applied = max(self.applied, position - 1)
        inputs = self.detector.inputs
        self.clock_ms = inputs.clock_ms()
        self.n_gaps = sum(chain.gaps for chain in inputs.chains())
        baseline = self.detector.baseline
        self.stage, self.stage_since_ms = baseline.stage, baseline.since_ms
        self._look_out(baseline)
        self.pane_closed_ms = self.detector.last_pane_end_ms
        self.evidence = self.detector.budget.evidence()

    def _look_out(self, baseline: BaselineState) -> None:
        """Note what can be seen, at changes of state and every hour; it takes a while to tell."""
        now_ms = self.detector.last_pane_end_ms
        if now_ms is None or not self.is_current:
            return
        new_stage = self.outlook is None or self.outlook.baseline.stage != baseline.stage
        if not new_stage and now_ms < self._looked_ms + LOOK_OUT_EVERY_MS:
            return
        self.outlook, self._looked_ms = self.detector.outlook, now_ms
        if new_stage:
            _logger.info("baseline", monitor=self.monitor, state=outlook_line(self.outlook))

    def carry(self, effects: Iterable[DetectorEffect]) -> None:
        """Do what the detector asks."""
        for effect in effects:
            match effect:
                case PaneClosed():
                    self.n_panes += 1
                    self.last_pane = effect
                    self.store.keep_pane(effect.start_ms, effect.profile)
                    self.on_pane(self.monitor, effect)
                case PaneMatured():
                    self.last_matured = effect
                    self.on_pane(self.monitor, effect)
                case KeepRows(start_ms, rows):
                    self.store.keep_rows(start_ms, rows)
                case KeepJoin():
                    self.store.keep_join(effect)
                case Publish(alert):
                    self.publish(alert)

    def publish(self, alert: Alert) -> None:
        """Tell an alert unless it stands on the topic already."""
        if alert.data.status == "resolved":
            self._over.append(alert.data.incident)
        if alert.id in self.told.ids:
            return
        if not self.is_current:
            self.told.note(alert)
        data = alert.data
        _logger.info("incident", monitor=data.monitor, change=data.change, summary=data.summary)
        key = data.incident.encode()
        self.writer.send(
            self.alerts_topic, self.store.partition, key, data_json(alert), headers(alert)
        )

    def hear(self, told: Told) -> None:
        """What the alerts topic holds that this detector might say again, or must close."""
        self.told = told
        for alert in self._orphans:
            told.open.setdefault(alert.data.incident, alert)

    def become_current(self, now_ms: int) -> None:
        """The log as it stood at take-up is applied: close what only the alerts topic knows."""
        self.is_current = True
        known = {*self._over, *(incident.id for incident in self.detector.book.open.values())}
        for alert in self.told.supersede(known, iso(now_ms)):
            self.publish(alert)
        self.told = Told()

    def keep_checkpoint(self, alerts_end: int, now_ms: int) -> None:
        """Store the state; everything said before must be acknowledged already.

        Not before the log as it stood at take-up is applied: a successor would not look again at
        the alerts that may have to be closed then.
        """
        if self.applied < 0 or not self.is_current:
            return
        state = encode_checkpoint(self.detector)
        unfinished = self._joiner.unfinished()
        checkpoint = Checkpoint(self.applied, alerts_end, state, unfinished, list(self._over))
        self.store.keep_checkpoint(checkpoint, self.detector.needs_from_ms, self.detector.rows)
        join = self.detector.performance.join
        self.store.age_join(None if join is None else join.needs_from_ms)
        self.checkpoint_ms = now_ms

    def take_up(self, kept: Kept, log_start: int, log_end: int) -> int | None:
        """Restore from what the state topic holds; without any state, from the whole log.

        Parameters
        ----------
        log_start, log_end
            The oldest offset of the profiles partition, and one past its last, asked after
            ``kept`` was read.

        Returns
        -------
        int or None
            The alerts offset from which to look for what was already said; ``None``: all.
        """
        if not kept.checkpoints and log_start == 0:
            return None
        for slot, checkpoint in kept.newest_first():
            if log_start <= checkpoint.applied + 1 <= log_end and self._restore(checkpoint, kept):
                self.store.slot = slot
                return checkpoint.alerts_end
        self._start_over(kept)
        return None

    def _restore(self, checkpoint: Checkpoint, kept: Kept) -> bool:
        try:
            dropped = restore_checkpoint(self.detector, checkpoint.state)
        except WireFormatError as error:
            _logger.warning("checkpoint passed over", monitor=self.monitor, error=str(error))
            return False
        self._orphans = [self.detector.book.last_alert(incident) for incident in dropped]
        self._feed(kept, self.detector.panes.closed_until_ms or 0)
        rows = self.detector.rows
        self.store.rows.take_up(kept.rows, rows, rows.last_hour_ms or 0)
        self._refill_join(kept)
        for part in checkpoint.unfinished:
            self._joiner.add(part)
        self._over.extend(checkpoint.over)
        self.applied = checkpoint.applied
        self.store.needs_from_ms = self.detector.needs_from_ms
        return True

    def _refill_join(self, kept: Kept) -> None:
        join, packed = self.detector.performance.join, self.store.join.take_up(kept.rows)
        if join is not None:
            closed_ms = self.detector.labels.panes.closed_until_ms
            refill_join(join, packed["waiting"], packed["labels"], closed_ms)

    def _feed(self, kept: Kept, closed_until_ms: int) -> None:
        """Fill the windows with the panes that end by then; later ones will close again."""
        layout = self.detector.reference.layout
        starts = [s for s in sorted(kept.panes) if s + layout.pane_ms <= closed_until_ms]
        self.detector.feed(self._readable(kept, starts))
        self.store.starts.extend(starts)
        self.store.pane_parts.update((start, kept.pane_parts[start]) for start in starts)

    def _readable(self, kept: Kept, starts: Iterable[int]) -> Iterator[tuple[int, Profile]]:
        """The panes that can be read; windows that lack one of the others are not complete."""
        for start in starts:
            try:
                yield start, unpack_profile(kept.panes[start], self.detector.reference.layout)
            except WireFormatError as error:
                self.detector.panes.incomplete.add(start)
                _logger.warning(
                    "closed pane passed over",
                    monitor=self.monitor,
                    pane=iso(start),
                    error=str(error),
                )

    def _start_over(self, kept: Kept) -> None:
        """No checkpoint meets the log: go on from the closed panes alone."""
        _logger.warning(
            "no usable checkpoint: starting over from the closed panes",
            monitor=self.monitor,
            n_panes=len(kept.panes),
        )
        if kept.panes:
            end_ms = max(kept.panes) + self.detector.reference.layout.pane_ms
            self.detector.panes.closed_until_ms = end_ms
            self._feed(kept, end_ms)
        self.store.rows.take_up(kept.rows, self.detector.rows, None)
        self.store.join.take_up(kept.rows)
