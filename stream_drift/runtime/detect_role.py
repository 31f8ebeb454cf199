"""The detect role: carries the profiles topic into detectors, their effects to our topics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from stream_drift.engine.detector import Detector
from stream_drift.errors import BrokerError
from stream_drift.events.record import RecordBatch
from stream_drift.runtime.live_detector import LiveDetector, PaneSink
from stream_drift.runtime.own_topics import OwnTopics, monitor_of, partition_of
from stream_drift.runtime.state_store import Kept, StateStore, read_state
from stream_drift.runtime.told import Told, read_alerts
from stream_drift.runtime.transport import (
    Committed,
    Fetched,
    LogReader,
    LogScanner,
    LogWriter,
    OutOfRange,
    TopicPartition,
)

MAX_RECORDS = 500
POLL_SECONDS = 0.1
FLUSH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class DetectRoleSettings:
    """What the role looks after and how often it keeps its state.

    Attributes
    ----------
    detectors
        Per monitor, what makes a fresh detector.
    """

    name: str
    detectors: Mapping[str, Callable[[], Detector]]
    checkpoint_ms: int = 60_000
    commit_ms: int = 5_000


@dataclass(slots=True)
class _Owned:
    """A partition of the profiles topic that this process applies."""

    number: int
    detectors: dict[str, LiveDetector]
    position: int
    end: int = 0
    unknown: set[str] = field(default_factory=set)


class DetectRole:
    """Applies owned partitions; `step` does a bounded piece of work and never blocks for long."""

    def __init__(
        self,
        settings: DetectRoleSettings,
        reader: LogReader,
        writer: LogWriter,
        scanner: LogScanner,
        now_ms: Callable[[], int],
        on_pane: PaneSink,
    ) -> None:
        self.settings = settings
        self.own = OwnTopics(settings.name)
        self.n_rebalances = 0
        self.lag: dict[TopicPartition, int] = {}
        self._reader = reader
        self._writer = writer
        self._scanner = scanner
        self._now_ms = now_ms
        self._on_pane = on_pane
        self._owned: dict[TopicPartition, _Owned] = {}
        self._n_partitions = 0
        self._next_checkpoint_ms = 0
        self._next_commit_ms = 0

    def start(self) -> None:
        """Join the group.

        Raises
        ------
        BrokerError
            Where our own topics do not exist or differ in size.
        """
        names = [self.own.profiles, self.own.state, self.own.alerts]
        topics = self._reader.topics(names)
        sizes = {name: topics[name].n_partitions for name in names if name in topics}
        if len(sizes) < len(names) or len(set(sizes.values())) > 1:
            message = (
                f"our topics {', '.join(names)} must exist and have equally many partitions "
                f"(found {sizes}): create them with `stream-drift topics create`"
            )
            raise BrokerError(message)
        self._n_partitions = sizes[self.own.profiles]
        self._reader.subscribe([self.own.profiles], self)

    def step(self, poll_seconds: float = POLL_SECONDS) -> None:
        """Apply what there is; keep state and commit when it is time."""
        for item in self._reader.poll(MAX_RECORDS, poll_seconds):
            match item:
                case Fetched(partition, batch):
                    if partition in self._owned:
                        self._apply(self._owned[partition], batch)
                case OutOfRange(partition):
                    self._recover(partition)
        now = self._now_ms()
        if now >= self._next_checkpoint_ms:
            self._next_checkpoint_ms = now + self.settings.checkpoint_ms
            self._keep_checkpoints(self._owned.values())
        if now >= self._next_commit_ms:
            self._next_commit_ms = now + self.settings.commit_ms
            self._reader.commit(self._commits(self._owned))
            self.lag = {
                partition: self._reader.end_offset(partition) - owned.position
                for partition, owned in self._owned.items()
            }

    def _apply(self, owned: _Owned, batch: RecordBatch) -> None:
        offsets, times = batch.offsets.tolist(), batch.timestamps_ms.tolist()
        for offset, time_ms, key, value in zip(
            offsets, times, batch.keys, batch.values, strict=True
        ):
            monitor = monitor_of(key)
            detector = owned.detectors.get(monitor)
            if detector is None:
                owned.unknown.add(monitor)
            else:
                detector.apply(offset, value, time_ms)
        owned.position = max(owned.position, batch.next_offset)
        for detector in owned.detectors.values():
            detector.observe(owned.position)
        self._mark_current(owned)

    def _mark_current(self, owned: _Owned) -> None:
        if owned.position < owned.end:
            return
        for detector in owned.detectors.values():
            if not detector.is_current:
                detector.become_current(self._now_ms())

    def _keep_checkpoints(self, owned: Iterable[_Owned]) -> bool:
        if not self._writer.flush(FLUSH_SECONDS):
            return False
        for mine in owned:
            alerts_end = self._scanner.end_offset((self.own.alerts, mine.number))
            for detector in mine.detectors.values():
                detector.keep_checkpoint(alerts_end, self._now_ms())
        return self._writer.flush(FLUSH_SECONDS)

    def _commits(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Committed]:
        return {p: Committed(self._owned[p].position, "") for p in partitions}

    def assigned(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Take up owned partitions from their state."""
        self.n_rebalances += 1
        self._writer.flush(FLUSH_SECONDS)
        for partition in partitions:
            self._owned[partition] = self._take_up(partition)
        return {partition: self._owned[partition].position for partition in partitions}

    def _take_up(self, partition: TopicPartition) -> _Owned:
        _, number = partition
        log_start = self._reader.start_offset(partition)
        kept = read_state(self._scanner.scan((self.own.state, number)))
        log_end = self._reader.end_offset(partition)
        mine = [m for m in self.settings.detectors if partition_of(m, self._n_partitions) == number]
        detectors, told_from = {}, {}
        for monitor in mine:
            detectors[monitor] = self._live(monitor, number)
            mine_kept = kept.get(monitor, Kept())
            told_from[monitor] = detectors[monitor].take_up(mine_kept, log_start, log_end)
        self._read_told(number, detectors, told_from)
        position = min((max(d.applied + 1, log_start) for d in detectors.values()), default=None)
        end = self._reader.end_offset(partition)
        owned = _Owned(number, detectors, end if position is None else position, end)
        self._mark_current(owned)
        return owned

    def _live(self, monitor: str, number: int) -> LiveDetector:
        store = StateStore(self.own.state, number, monitor, self._writer)
        detector = self.settings.detectors[monitor]()
        return LiveDetector(detector, store, self._writer, self.own.alerts, self._on_pane)

    def _read_told(
        self,
        number: int,
        detectors: Mapping[str, LiveDetector],
        told_from: Mapping[str, int | None],
    ) -> None:
        """What the alerts topic holds that a detector might say again."""
        for monitor, start in told_from.items():
            told = read_alerts(self._scanner.scan((self.own.alerts, number), start))
            detectors[monitor].hear(told.get(monitor, Told()))

    def _recover(self, partition: TopicPartition) -> None:
        """The log no longer holds our position: take the partition up anew."""
        if partition in self._owned:
            self._owned[partition] = self._take_up(partition)
            self._reader.seek(partition, self._owned[partition].position)

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Keep the state, commit, and let go."""
        self.n_rebalances += 1
        ours = [partition for partition in partitions if partition in self._owned]
        if ours and self._keep_checkpoints([self._owned[p] for p in ours]):
            self._reader.commit_now(self._commits(ours))
        self.lost(partitions)

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Others own these already: forget them."""
        for partition in partitions:
            self._owned.pop(partition, None)

    def stop(self) -> None:
        """Leave the group with the state kept."""
        with closing(self._scanner), closing(self._writer):
            self._reader.close()
            self._writer.flush(FLUSH_SECONDS)

    def problem(self) -> str | None:
        """Why it does not do all of its work now, if so."""
        behind = [live.monitor for live in self.live if not live.is_current]
        return f"catching up: {', '.join(behind)}" if behind else None

    @property
    def live(self) -> list[LiveDetector]:
        """The detectors of all owned partitions."""
        return [d for owned in list(self._owned.values()) for d in owned.detectors.values()]

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """The next offset of every owned partition."""
        return {partition: owned.position for partition, owned in list(self._owned.items())}
