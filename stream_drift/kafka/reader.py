"""Reading as a member of a consumer group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import filterfalse
from threading import Thread

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from stream_drift.errors import BrokerError
from stream_drift.kafka import batches
from stream_drift.kafka.admin import KafkaAdmin
from stream_drift.kafka.client_config import reader_config
from stream_drift.kafka.faults import (
    Complaints,
    broker_errors,
    config_errors,
    kafka_error,
)
from stream_drift.kafka.guard import Guard, unguarded
from stream_drift.kafka.offsets import ANSWER_TIMEOUT_SECONDS, offset_bounds
from stream_drift.runtime import transport
from stream_drift.runtime.transport import Committed, Fetched, Listener, OutOfRange, TopicInfo

COMMIT_TIMEOUT_SECONDS = 5.0
CLOSE_TIMEOUT_SECONDS = 10.0
_END = "_PARTITION_EOF"
_GONE = frozenset({"_AUTO_OFFSET_RESET", "_LOG_TRUNCATION"})


class KafkaReader:
    """Keeps the contract of `transport.LogReader`, in the classic protocol and in KIP-848.

    Parameters
    ----------
    kafka
        The user's client settings.
    group
        The consumer group to join.
    admin
        Asked for topic ids; stays the caller's to close.
    with_keys
        Whether batches carry the record keys.
    with_headers
        Whether batches carry the record headers.

    Attributes
    ----------
    complaints
        What the client has reported and did not need to be raised.
    """

    def __init__(
        self,
        kafka: Mapping[str, object],
        group: str,
        admin: KafkaAdmin,
        guard: Guard = unguarded,
        *,
        with_keys: bool = False,
        with_headers: bool = False,
    ) -> None:
        self.complaints = Complaints()
        self._admin = admin
        self._guard = guard
        self._with_keys = with_keys
        self._with_headers = with_headers
        self._positions: dict[transport.TopicPartition, int] = {}
        self._paused: set[transport.TopicPartition] = set()
        self._unproven: set[transport.TopicPartition] = set()
        self._fetched_again: dict[transport.TopicPartition, int] = {}
        self._n_doubts = 0
        self._listener: Listener | None = None
        self._closed = False
        callbacks = {"error_cb": self._on_error, "on_commit": self._on_commit}
        with config_errors():
            self._consumer = Consumer(reader_config(kafka, group) | callbacks)

    @property
    def last_error(self) -> str | None:
        """What the client last complained of; for health pages."""
        return self.complaints.last

    def subscribe(self, topics: Sequence[str], listener: Listener) -> None:
        """Join the group; partitions arrive through the listener, from within `poll`."""
        self._listener = listener
        with broker_errors("subscribe"):
            self._consumer.subscribe(list(topics), self._on_assign, self._on_revoke, self._on_lost)

    def poll(self, max_records: int, timeout_seconds: float) -> list[Fetched | OutOfRange]:
        """Records of owned partitions; waits until there are enough of them or the time is up."""
        n_doubts = self._n_doubts
        with self._guard("poll"), broker_errors("poll"):
            messages = self._consumer.consume(max_records, timeout_seconds)
        self.complaints.raise_fatal()
        notices = [*filter(Message.error, messages)] if any(map(Message.error, messages)) else []
        ends, gone = self._told(notices)
        records = filterfalse(Message.error, messages) if notices else messages
        found = self._new_ground(records, ends)
        if self._n_doubts == n_doubts:
            self._unproven -= {fetched.partition for fetched in found}
        return [*found, *gone]

    # Offsets ------------------------------------------------------------------------------------

    def commit(self, offsets: Mapping[transport.TopicPartition, Committed]) -> None:
        """Store positions of owned partitions; failures are in `complaints`."""
        owned = [
            TopicPartition(*at, entry.offset, entry.metadata)
            for at, entry in offsets.items()
            if at in self._positions
        ]
        if owned:
            try:
                self._consumer.commit(offsets=owned, asynchronous=True)
            except KafkaException as exception:
                self.complaints.note(kafka_error(exception))

    def commit_now(self, offsets: Mapping[transport.TopicPartition, Committed]) -> bool:
        """As `commit`, but wait for the answer; False where it was refused or is late.

        The client's own way to wait has no time-out and hangs for as long as a broker does. So
        ask what is stored: the coordinator answers that after the commit.
        """
        owned = {at: entry for at, entry in offsets.items() if at in self._positions}
        self.commit(owned)
        try:
            return self._stored(list(owned), COMMIT_TIMEOUT_SECONDS) == owned
        except BrokerError as error:
            self.complaints.last = str(error)
            return False

    def committed(
        self, partitions: Sequence[transport.TopicPartition]
    ) -> dict[transport.TopicPartition, Committed]:
        """What the group has stored; partitions without an entry are left out."""
        return self._stored(partitions, ANSWER_TIMEOUT_SECONDS)

    def start_offset(self, partition: transport.TopicPartition) -> int:
        """The oldest offset that the log still holds, asked now."""
        return self._bounds(partition)[0]

    def end_offset(self, partition: transport.TopicPartition) -> int:
        """One past the last committed record, asked now."""
        return self._bounds(partition)[1]

    def seek(self, partition: transport.TopicPartition, offset: int) -> None:
        """Continue an owned partition at ``offset``."""
        if partition not in self._positions:
            return
        target = TopicPartition(*partition, offset)
        with self._guard("seek"), broker_errors("seek"):
            try:
                self._consumer.seek(target)
            except KafkaException as exception:
                if kafka_error(exception).name() != "_STATE":
                    raise
                self._start_again(target)
        self._positions[partition] = offset

    def pause(self, partitions: Iterable[transport.TopicPartition]) -> None:
        """Fetch nothing more of these owned partitions until `resume`."""
        owned = self._positions.keys() & partitions
        self._paused |= owned
        with broker_errors("pause"):
            self._consumer.pause([TopicPartition(*partition) for partition in owned])

    def resume(self, partitions: Iterable[transport.TopicPartition]) -> None:
        """Undo `pause`."""
        owned = self._paused & set(partitions)
        self._paused -= owned
        with broker_errors("resume"):
            self._consumer.resume([TopicPartition(*partition) for partition in owned])

    def topics(self, names: Sequence[str]) -> dict[str, TopicInfo]:
        """Identity and size of those of the topics that exist, asked now."""
        return self._admin.topics(names)

    def close(self) -> None:
        """Leave the group (calls ``revoked``) and free everything; may be called twice.

        While brokers are away, the client would wait for ever for the answer to a last commit. It
        is left to that after a while, and ends when they are back.
        """
        if self._closed:
            return
        self._closed = True
        try:
            self._give_up(list(self._positions))
        finally:
            closing = Thread(target=self._consumer.close, name="closing", daemon=True)
            closing.start()
            with self._guard("close"):
                closing.join(CLOSE_TIMEOUT_SECONDS)

    # Called by the client from within poll ------------------------------------------------------

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        names = _names(partitions)
        starts = self._listener.assigned(names) if names and self._listener else {}
        for partition, name in zip(partitions, names, strict=True):
            partition.offset = self._positions[name] = starts[name]
        consumer.incremental_assign(partitions)
        self._doubt()

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._doubt()
        self._give_up([name for name in _names(partitions) if name in self._positions])
        consumer.incremental_unassign(partitions)

    def _on_lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._doubt()
        lost = [name for name in _names(partitions) if name in self._positions]
        self._forget(lost)
        consumer.incremental_unassign(partitions)
        if lost and self._listener is not None:
            self._listener.lost(lost)

    def _on_error(self, error: KafkaError) -> None:
        self.complaints.note(error)
        self._doubt()

    def _doubt(self) -> None:
        """Something happened around which clients have been seen to leave records out."""
        self._n_doubts += 1
        self._unproven.update(self._positions)
        self._fetched_again.clear()

    def _on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        for failed in [error, *(partition.error for partition in partitions)]:
            if failed is not None:
                self.complaints.note(failed)

    # --------------------------------------------------------------------------------------------

    def _give_up(self, owned: list[transport.TopicPartition]) -> None:
        """Let the listener commit a last time, then own nothing of it."""
        if owned and self._listener is not None:
            self._listener.revoked(owned)
        self._forget(owned)

    def _forget(self, partitions: list[transport.TopicPartition]) -> None:
        for partition in partitions:
            del self._positions[partition]
            self._paused.discard(partition)
            self._unproven.discard(partition)
            self._fetched_again.pop(partition, None)

    def _new_ground(
        self, messages: Iterable[Message], ends: Mapping[transport.TopicPartition, int]
    ) -> list[Fetched]:
        """What leads beyond the positions, which move; doubtful ground is fetched again once."""
        ground = batches.new_ground(
            messages,
            ends,
            self._positions,
            with_keys=self._with_keys,
            with_headers=self._with_headers,
        )
        found = [fetched for fetched in ground if self._believes(fetched)]
        for fetched in found:
            self._positions[fetched.partition] = fetched.batch.next_offset
            self.complaints.last = None
        return found

    def _believes(self, fetched: Fetched) -> bool:
        """Whether a batch leaves nothing out, or does so again when it is fetched again.

        Control records and compaction leave holes. But around a rebalance or a lost connection a
        client may hand over records, or an end, of what it had fetched before, beyond the place
        that it should read from; what lies between would be lost.
        """
        partition, batch = fetched.partition, fetched.batch
        position = self._positions[partition]
        is_whole = len(batch) == batch.next_offset - position
        if partition not in self._unproven or is_whole:
            return True
        if self._fetched_again.get(partition) == position:
            return True
        self.seek(partition, position)
        self._fetched_again[partition] = position
        return False

    def _told(
        self, notices: Iterable[Message]
    ) -> tuple[dict[transport.TopicPartition, int], list[OutOfRange]]:
        """What comes in place of records: ends of partitions, and positions that are gone."""
        ends: dict[transport.TopicPartition, int] = {}
        gone: list[OutOfRange] = []
        for notice in notices:
            error = notice.error()
            partition = _name(notice)
            name = "" if error is None else error.name()
            if name == _END and partition in self._positions:
                ends[partition] = notice.offset() or 0
            elif name in _GONE and partition in self._positions:
                gone.append(OutOfRange(partition))
            elif error is not None and name not in {_END, *_GONE}:
                self.complaints.note(error)
        return ends, gone

    def _bounds(self, partition: transport.TopicPartition) -> tuple[int, int]:
        """Oldest offset and end; the end is the last stable offset, as we read committed."""
        return offset_bounds(self._consumer, partition, self._guard)

    def _stored(
        self, partitions: Sequence[transport.TopicPartition], timeout_seconds: float
    ) -> dict[transport.TopicPartition, Committed]:
        asked = [TopicPartition(*partition) for partition in partitions]
        if not asked:
            return {}
        with self._guard("committed"), broker_errors("committed offsets"):
            answers = self._consumer.committed(asked, timeout=timeout_seconds)
            for answer in answers:
                if answer.error is not None:
                    raise KafkaException(answer.error)
        return {
            (answer.topic, answer.partition): Committed(answer.offset, answer.metadata or "")
            for answer in answers
            if answer.offset >= 0
        }

    def _start_again(self, target: TopicPartition) -> None:
        """Seek where nothing is being fetched any more, as after an offset out of range."""
        self._consumer.incremental_unassign([target])
        self._consumer.incremental_assign([target])
        if (target.topic, target.partition) in self._paused:
            self._consumer.pause([target])


def _name(message: Message) -> transport.TopicPartition:
    return message.topic() or "", message.partition() or 0


def _names(partitions: list[TopicPartition]) -> list[transport.TopicPartition]:
    return [(partition.topic, partition.partition) for partition in partitions]
