"""The notify role: carries the alerts topic into one channel, at least once and in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing

from stream_drift.errors import BrokerError
from stream_drift.runtime.notify.courier import Courier, Now
from stream_drift.runtime.notify.entry import entries_in, entries_of
from stream_drift.runtime.own_topics import OwnTopics
from stream_drift.runtime.transport import (
    Committed,
    Fetched,
    LogReader,
    LogScanner,
    OutOfRange,
    TopicPartition,
)

MAX_RECORDS = 200
POLL_SECONDS = 0.2
BUSY_POLL_SECONDS = 0.01
MOST_WAITING = 1_000
"""With so many alerts in memory no more are fetched."""
COMMIT_AGAIN_SECONDS = 60.0
"""A commit that failed is made up for after this time at the latest."""


def notify_group(name: str, channel: str) -> str:
    """The consumer group of a channel: it has a position of its own, so it delays no other."""
    return f"{name}.notify.{channel}"


class NotifyRole:
    """Serves one channel; `step` polls and makes at most one attempt to tell something.

    Commits after the channel has taken an alert: a crash in between tells it again, with the
    same id.

    Parameters
    ----------
    reader
        In the group `notify_group`, with headers.
    now
        The moment, asked at every step.
    """

    def __init__(
        self,
        name: str,
        courier: Courier,
        reader: LogReader,
        scanner: LogScanner,
        now: Callable[[], Now],
    ) -> None:
        self.topic = OwnTopics(name).alerts
        self.n_rebalances = 0
        self._courier = courier
        self._reader = reader
        self._scanner = scanner
        self._now = now
        self._owned: set[TopicPartition] = set()
        self._committed: dict[TopicPartition, Committed] = {}
        self._commit_again = 0.0
        self._is_paused = False
        self._is_busy = False

    def start(self) -> None:
        """Join the group.

        Raises
        ------
        BrokerError
            Where the alerts topic does not exist.
        """
        if self.topic not in self._reader.topics([self.topic]):
            message = (
                f"topic {self.topic!r} does not exist: create it with `stream-drift topics create`"
            )
            raise BrokerError(message)
        self._reader.subscribe([self.topic], self)

    def step(self, poll_seconds: float = POLL_SECONDS) -> None:
        """Read what there is, tell one message, commit."""
        wait = BUSY_POLL_SECONDS if self._is_busy else poll_seconds
        for item in self._reader.poll(MAX_RECORDS, wait):
            match item:
                case Fetched(partition, batch):
                    if partition in self._owned:
                        now, entries = self._now(), entries_in(batch)
                        self._courier.hand(partition, entries, batch.next_offset, now)
                case OutOfRange(partition):
                    self._recover(partition)
        self._commit()
        self._is_busy = self._courier.work(self._now())
        if self._is_busy:
            self._commit()
        self._limit()

    def _commit(self) -> None:
        now = self._now().seconds
        settled = self._courier.settled()
        if now >= self._commit_again:
            self._commit_again = now + COMMIT_AGAIN_SECONDS
            self._committed.clear()
        news = {at: entry for at, entry in settled.items() if self._committed.get(at) != entry}
        if news:
            self._reader.commit(news)
            self._committed.update(news)

    def _limit(self) -> None:
        is_full = self._courier.n_waiting >= MOST_WAITING
        if is_full != self._is_paused:
            self._is_paused = is_full
            (self._reader.pause if is_full else self._reader.resume)(list(self._owned))

    def assigned(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Take up partitions where the group has come to."""
        self.n_rebalances += 1
        committed = self._reader.committed(partitions)
        starts = {}
        for partition in partitions:
            starts[partition] = self._take_up(partition, committed.get(partition))
            self._owned.add(partition)
        self._is_paused = False
        return starts

    def _take_up(self, partition: TopicPartition, committed: Committed | None) -> int:
        end = self._reader.end_offset(partition)
        past = entries_of(self._scanner.scan(partition))
        self._committed.pop(partition, None)
        return self._courier.take_up(partition, past, committed, end, self._now())

    def _recover(self, partition: TopicPartition) -> None:
        """The log no longer holds our position: go on with what it holds."""
        start = self._reader.start_offset(partition)
        self._reader.seek(partition, start)
        self._courier.hand(partition, [], start, self._now())

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Commit how far they are told, and let go."""
        self.n_rebalances += 1
        settled = self._courier.settled()
        ours = {at: settled[at] for at in partitions if at in settled}
        if ours:
            self._reader.commit_now(ours)
        self.lost(partitions)

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Others own these already: forget them."""
        for partition in partitions:
            self._owned.discard(partition)
            self._courier.drop(partition)

    def stop(self) -> None:
        """Leave the group with all that was told committed."""
        with closing(self._scanner):
            self._reader.close()

    def problem(self) -> str | None:
        """Why alerts do not get through now, if so."""
        return self._courier.problem()

    @property
    def n_waiting(self) -> int:
        """Alerts that this process has still to tell."""
        return self._courier.n_waiting

    @property
    def n_partitions(self) -> int:
        """Partitions of the alerts topic that this process owns."""
        return len(self._owned)
