"""The profile role: carries input records into profilers and what they write to our topics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field

from stream_drift.engine.chunks import split
from stream_drift.engine.effects import AppendToLog, ProfilerEffect
from stream_drift.engine.profiler import Cut, Profiler, ProfilerSettings
from stream_drift.engine.wire import encode_record
from stream_drift.errors import BrokerError
from stream_drift.events.record import PartitionId
from stream_drift.runtime.commit_text import decode_commit, encode_commit, monitor_hash
from stream_drift.runtime.own_topics import OwnTopics, log_key, partition_of
from stream_drift.runtime.reject_copies import RejectCopies
from stream_drift.runtime.reject_watch import RejectWatch
from stream_drift.runtime.transport import (
    Ack,
    Committed,
    Fetched,
    LogReader,
    LogWriter,
    OutOfRange,
    TopicInfo,
    TopicPartition,
)
from stream_drift.windows.log import LogRecord

MAX_RECORDS = 2_000
"""Records per poll: larger batches bring nothing and cost memory."""
POLL_SECONDS = 0.1
FLUSH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ProfileRoleSettings:
    """What the role reads and how often it reports.

    Attributes
    ----------
    inputs
        Per input topic, the profiler settings of every monitor that reads it.
    """

    name: str
    inputs: Mapping[str, Mapping[str, ProfilerSettings]]
    tick_ms: int = 5_000


@dataclass(slots=True)
class _Owned:
    """An input partition that this process reads."""

    id: PartitionId
    profilers: dict[str, Profiler]
    progress_ms: dict[str, int] = field(default_factory=dict)
    moved: bool = True
    unsent: list[tuple[str, list[ProfilerEffect]]] = field(default_factory=list)

    @property
    def position(self) -> int:
        return min(profiler.position for profiler in self.profilers.values())


@dataclass(slots=True)
class InputTotals:
    """Running totals of one monitor and topic, for metrics."""

    events: int = 0
    late: int = 0
    rejected: dict[str, int] = field(default_factory=dict)


class ProfileRole:
    """Reads owned partitions; `step` does a bounded piece of work and never blocks for long."""

    def __init__(
        self,
        settings: ProfileRoleSettings,
        reader: LogReader,
        writer: LogWriter,
        now_ms: Callable[[], int],
    ) -> None:
        self.settings = settings
        self.own = OwnTopics(settings.name)
        self.n_rebalances = 0
        self.flush_late = False
        self.lag: dict[TopicPartition, int] = {}
        self.totals: dict[tuple[str, str], InputTotals] = {}
        self.rejects = RejectWatch()
        self._reader = reader
        self._writer = writer
        self._now_ms = now_ms
        self._owned: dict[TopicPartition, _Owned] = {}
        self._inputs: dict[str, TopicInfo] = {}
        self._n_profiles = 0
        self._next_tick_ms = 0
        self.copies = RejectCopies(self.own.rejects, 0, writer, now_ms)

    def start(self) -> None:
        """Join the group.

        Raises
        ------
        BrokerError
            Where our own topics do not exist.
        """
        own = self._reader.topics([self.own.profiles, self.own.rejects])
        if self.own.profiles not in own:
            message = (
                f"topic {self.own.profiles!r} does not exist: create our topics with "
                "`stream-drift topics create`"
            )
            raise BrokerError(message)
        self._n_profiles = own[self.own.profiles].n_partitions
        if self.own.rejects in own:
            self.copies.n_partitions = own[self.own.rejects].n_partitions
        self._reader.subscribe(list(self.settings.inputs), self)

    def step(self, poll_seconds: float = POLL_SECONDS) -> None:
        """Read what there is, and report when it is time."""
        items = self._reader.poll(MAX_RECORDS, poll_seconds)
        owned = dict(self._owned)
        for item in items:
            if self._owned.get(item.partition) is not owned.get(item.partition):
                continue  # taken up anew since it was fetched
            match item:
                case Fetched():
                    self._read(item)
                case OutOfRange(partition):
                    self._recover(partition)
        now = self._now_ms()
        if now >= self._next_tick_ms:
            self._next_tick_ms = now + self.settings.tick_ms
            self._look_at_topics()
            self._tick()

    def _read(self, fetched: Fetched) -> None:
        owned = self._owned.get(fetched.partition)
        if owned is None:
            return
        owned.moved = owned.moved or len(fetched.batch) > 0
        for monitor, profiler in owned.profilers.items():
            events, late, rejected = profiler.events, profiler.late, dict(profiler.rejected)
            owned.unsent.append((monitor, profiler.apply(fetched.batch)))
            totals = self.totals.setdefault((monitor, owned.id.topic), InputTotals())
            totals.events += profiler.events - events
            totals.late += profiler.late - late
            n_rejected = 0
            for reason, count in profiler.rejected.items():
                more = count - rejected.get(reason, 0)
                totals.rejected[reason] = totals.rejected.get(reason, 0) + more
                n_rejected += more
            self.rejects.note(owned.id.topic, profiler.events - events, n_rejected, self._now_ms())
        self._send(owned)

    def _send(self, owned: _Owned) -> None:
        """Carry what was read; before a block ends for good, see whose records they were."""
        effects = [effect for _, done in owned.unsent for effect in done]
        if any(isinstance(effect, AppendToLog) for effect in effects):
            self._look_at_topics()
        self._carry_unsent(owned)

    def _carry_unsent(self, owned: _Owned) -> None:
        for monitor, effects in owned.unsent:
            self._carry(monitor, effects)
        owned.unsent.clear()

    def _carry(self, monitor: str, effects: Iterable[ProfilerEffect]) -> None:
        for effect in effects:
            match effect:
                case AppendToLog(record):
                    self._append(monitor, record)
                case _:
                    self.copies.send(monitor, effect)

    def _append(
        self, monitor: str, record: LogRecord, on_ack: Callable[[Ack], None] | None = None
    ) -> None:
        number, key = partition_of(monitor, self._n_profiles), log_key(monitor, record)
        for part in split(encode_record(record)):
            self._writer.send(self.own.profiles, number, key, part, on_ack=on_ack)

    def _tick(self) -> None:
        """Report progress behind the acks of what it speaks of, then commit."""
        for owned in self._owned.values():
            for monitor, profiler in owned.profilers.items():
                due = profiler.write_passed() if owned.moved else profiler.write_changed()
                self._carry(monitor, due)
        self.flush_late = not self._writer.flush(FLUSH_SECONDS)
        if self.flush_late:
            return
        self._measure_lag()
        for partition, owned in self._owned.items():
            count = self._inputs[owned.id.topic].n_partitions
            idle = not owned.moved and self.lag.get(partition) == 0
            for monitor, profiler in owned.profilers.items():
                since = owned.progress_ms.get(monitor) if idle else None
                progress = profiler.progress(count, since)
                self._append(monitor, progress, _remember(owned.progress_ms, monitor))
            owned.moved = False
        self._reader.commit(self._commits(self._owned))

    def _measure_lag(self) -> None:
        """Ask where each partition ends, after the acks of what was written of it."""
        self.lag = {
            partition: self._reader.end_offset(partition) - owned.position
            for partition, owned in self._owned.items()
        }

    def _commits(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Committed]:
        commits = {}
        for partition in partitions:
            owned = self._owned[partition]
            cuts = {monitor: profiler.cut for monitor, profiler in owned.profilers.items()}
            text = encode_commit(owned.id.topic_id, cuts)
            commits[partition] = Committed(owned.position, text)
        return commits

    def assigned(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Take up owned partitions where their open blocks began."""
        self.n_rebalances += 1
        topics = {topic for topic, _ in partitions}
        self._inputs.update(self._reader.topics(sorted(topics)))
        if gone := topics - self._inputs.keys():
            message = f"input topics {sorted(gone)} are gone"
            raise BrokerError(message)
        committed = self._reader.committed(partitions)
        starts = {}
        for partition in partitions:
            known = committed.get(partition)
            self._owned[partition] = self._take_up(partition, known.metadata if known else "")
            starts[partition] = self._owned[partition].position
        self._next_tick_ms = 0
        return starts

    def _take_up(self, partition: TopicPartition, metadata: str) -> _Owned:
        topic, number = partition
        identity = PartitionId(topic, self._inputs[topic].topic_id, number)
        cuts = decode_commit(metadata, identity.topic_id)
        log_start = self._reader.start_offset(partition)
        profilers = {}
        for monitor, settings in self.settings.inputs[topic].items():
            cut = cuts.get(monitor_hash(monitor), Cut(log_start))
            profilers[monitor] = profiler = Profiler(settings, identity, cut)
            if cut.block_start < log_start:
                self._carry(monitor, profiler.lose(log_start))
        return _Owned(identity, profilers)

    def _recover(self, partition: TopicPartition) -> None:
        """The position is gone: retention took it, or the topic was re-created."""
        owned = self._owned.get(partition)
        if owned is None:
            return
        self._look_at_topics()
        if self._owned.get(partition) is not owned:
            return
        log_start = self._reader.start_offset(partition)
        if owned.position >= log_start:
            self._reader.seek(partition, min(owned.position, self._reader.end_offset(partition)))
            return
        for monitor, profiler in owned.profilers.items():
            if profiler.position < log_start:
                self._carry(monitor, profiler.lose(log_start))
        self._reader.seek(partition, owned.position)

    def _look_at_topics(self) -> None:
        """Ask for sizes and identities; a re-created topic is read from its start."""
        for partition in self._leave_replaced():
            self._owned[partition] = fresh = self._take_up(partition, "")
            self._reader.seek(partition, fresh.position)

    def _leave_replaced(self) -> list[TopicPartition]:
        """Let go of partitions whose topic is another one by now; returns those that it has too."""
        if not self._owned:
            return []
        self._inputs.update(self._reader.topics(sorted({topic for topic, _ in self._owned})))
        anew = []
        for partition, owned in list(self._owned.items()):
            found = self._inputs[owned.id.topic]
            if found.topic_id != owned.id.topic_id:
                del self._owned[partition]
                exists = partition[1] < found.n_partitions
                self._leave(owned, self._reader.end_offset(partition) if exists else 0)
                anew += [partition] if exists else []
        return anew

    def _leave(self, owned: _Owned, end: int) -> None:
        """Write what is unwritten of a topic that is gone; ``end`` is that of its successor.

        Unless the last records may be the successor's already: for a while it is read on from
        the old position as if nothing had happened.
        """
        if owned.position > end or not owned.moved:
            self._write_changed(owned)
        owned.unsent.clear()

    def _write_changed(self, owned: _Owned) -> None:
        self._carry_unsent(owned)
        for monitor, profiler in owned.profilers.items():
            self._carry(monitor, profiler.write_changed())

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Write what is unwritten, commit if that succeeds, and let go.

        What cannot be written, or cannot be told to be of the same topic still, is read again by
        whoever owns the partitions next.
        """
        self.n_rebalances += 1
        with suppress(BrokerError):
            self._leave_replaced()
            ours = [partition for partition in partitions if partition in self._owned]
            for partition in ours:
                self._write_changed(self._owned[partition])
            if ours and self._writer.flush(FLUSH_SECONDS):
                self._reader.commit_now(self._commits(ours))
        self.lost(partitions)

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Others own these already: forget them."""
        for partition in partitions:
            self._owned.pop(partition, None)

    def stop(self) -> None:
        """Leave the group with everything written and committed."""
        with closing(self._writer):
            self._reader.close()
            self._writer.flush(FLUSH_SECONDS)

    def problem(self) -> str | None:
        """Why it does not do all of its work now, if so."""
        if self.flush_late:
            return "the broker does not acknowledge what is written; it is tried again"
        return next(iter(self.rejects.problems()), None)

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """The next offset of every owned partition."""
        return {partition: owned.position for partition, owned in list(self._owned.items())}


def _remember(times_ms: dict[str, int], monitor: str) -> Callable[[Ack], None]:
    def on_ack(ack: Ack) -> None:
        times_ms[monitor] = ack.append_time_ms

    return on_ack
