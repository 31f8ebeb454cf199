"""Carries alerts one after the other into a channel, again and again until it takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog

from stream_drift.runtime.notify.channel import Channel, Delivered, Refused, Retry
from stream_drift.runtime.notify.courier import Now, Tally, pause_seconds
from stream_drift.runtime.notify.entry import Entry
from stream_drift.runtime.notify.lane import Held, Lane
from stream_drift.runtime.notify.selection import Selection, SelectionSettings
from stream_drift.runtime.transport import Committed, TopicPartition

MOST_REFUSALS = 3
"""A receiver that refuses a message so often would do so for ever; the next ones wait behind it."""
MOST_GROUPED = 20
FAILURES_THAT_ARE_A_PROBLEM = 3

_logger = structlog.get_logger("stream_drift.notify")


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """How a channel is served.

    Attributes
    ----------
    group_wait_ms
        Alerts that come within this time of the first are told in one message; 0: each by itself.
    held
        Whether alerts of a monitor have to wait at a time (ms), for maintenance.
    """

    name: str
    selection: SelectionSettings
    group_wait_ms: int = 0
    held: Callable[[str, int], bool] = lambda _monitor, _now_ms: False


class QueueCourier:
    """Keeps `Courier` for channels that are told each alert once.

    Parameters
    ----------
    chance
        Numbers in [0, 1) that spread the pauses.
    tally
        Counts outcomes; outlives this object.
    """

    def __init__(
        self, settings: QueueSettings, channel: Channel, chance: Callable[[], float], tally: Tally
    ) -> None:
        self._settings = settings
        self._channel = channel
        self._chance = chance
        self._tally = tally
        self._lanes: dict[TopicPartition, Lane] = {}
        self._rest_until = 0.0
        self._n_failures = 0
        self._refusals: dict[str, int] = {}
        self._trouble: str | None = None

    @property
    def n_waiting(self) -> int:
        """Alerts that are not told yet."""
        lanes = list(self._lanes.values())
        return sum(len(lane.waiting) + len(lane.owed) for lane in lanes)

    def take_up(
        self,
        partition: TopicPartition,
        past: Iterable[Entry],
        committed: Committed | None,
        end: int,
        now: Now,
    ) -> int:
        """Begin where the group has come to; a new channel begins with what is open."""
        lane = Lane(Selection(self._settings.selection))
        self._lanes[partition] = lane
        return lane.take_up(past, committed, end, now.ms)

    def hand(
        self, partition: TopicPartition, entries: Iterable[Entry], next_offset: int, now: Now
    ) -> None:
        """Take new ground of an owned partition."""
        self._lanes[partition].hand(entries, next_offset, now.ms)

    def work(self, now: Now) -> bool:
        """Tell the oldest of one partition, another one each time."""
        if now.seconds < self._rest_until:
            return False
        for partition, lane in list(self._lanes.items()):
            entries = self._due(lane, now.ms)
            if entries:
                self._lanes[partition] = self._lanes.pop(partition)
                self._tell(lane, entries, now)
                return True
        return False

    def _due(self, lane: Lane, now_ms: int) -> list[Entry]:
        wait_ms = self._settings.group_wait_ms
        held: Held = lambda monitor: self._settings.held(monitor, now_ms)  # noqa: E731 - one use
        return lane.due(now_ms, wait_ms, MOST_GROUPED if wait_ms else 1, held)

    def _tell(self, lane: Lane, entries: list[Entry], now: Now) -> None:
        mark = lane.marks.get(entries[0].incident)
        outcome = self._channel.tell([entry.alert for entry in entries], mark)
        match outcome:
            case Delivered(mark=new):
                self._count("sent", entries)
                lane.done(entries, new)
                self._n_failures, self._trouble = 0, None
                self._refusals.pop(entries[0].alert.id, None)
            case Refused(reason):
                self._refused(lane, entries, reason, now)
            case Retry(reason, after):
                self._rest(reason, after, now)

    def _refused(self, lane: Lane, entries: list[Entry], reason: str, now: Now) -> None:
        first = entries[0].alert.id
        self._refusals[first] = self._refusals.get(first, 0) + 1
        if self._refusals[first] < MOST_REFUSALS:
            self._rest(reason, None, now)
            return
        ids = self._count("refused", entries)
        _logger.error("alert given up", channel=self._settings.name, alerts=ids, reason=reason)
        lane.done(entries, None)
        del self._refusals[first]

    def _rest(self, reason: str, after_seconds: float | None, now: Now) -> None:
        self._tally["failed"] += 1
        self._n_failures += 1
        pause = pause_seconds(self._n_failures, after_seconds, self._chance())
        self._rest_until = now.seconds + pause
        if self._n_failures & (self._n_failures - 1) == 0:  # more and more seldom
            name, failures = self._settings.name, self._n_failures
            _logger.warning("not told", channel=name, reason=reason, failures=failures)
        if self._n_failures >= FAILURES_THAT_ARE_A_PROBLEM:
            self._trouble = f"the channel does not take alerts: {reason}"

    def _count(self, outcome: str, entries: list[Entry]) -> list[str]:
        self._tally[outcome] += len(entries)
        ids = [entry.alert.id for entry in entries]
        if outcome == "sent":
            _logger.info("told", channel=self._settings.name, alerts=ids)
        return ids

    def settled(self) -> Mapping[TopicPartition, Committed]:
        """How far every owned partition is told."""
        return {partition: lane.settled() for partition, lane in self._lanes.items()}

    def drop(self, partition: TopicPartition) -> None:
        """Others own it now."""
        self._lanes.pop(partition, None)

    def problem(self) -> str | None:
        """Why the channel does not take alerts now, if so."""
        return self._trouble
