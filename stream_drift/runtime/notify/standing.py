"""Tells a receiver that forgets, such as Alertmanager, again and again what stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from stream_drift.runtime.notify.channel import Delivered, Refused, Retry, Standing, StandingChannel
from stream_drift.runtime.notify.courier import Now, Tally, pause_seconds
from stream_drift.runtime.notify.entry import Entry
from stream_drift.runtime.notify.lane import Held
from stream_drift.runtime.notify.selection import Selection, SelectionSettings
from stream_drift.runtime.transport import Committed, TopicPartition

EVERY_SECONDS = 60.0
KEEP_RESOLVED_MS = 300_000
FAILURES_THAT_ARE_A_PROBLEM = 3

_logger = structlog.get_logger("stream_drift.notify")


@dataclass(slots=True)
class _Member:
    """One receiver: when it is told next, and how it went."""

    next_seconds: float = 0.0
    n_failures: int = 0
    trouble: str | None = None
    told: int = -1


@dataclass(slots=True)
class _Lane:
    """The incidents of one partition.

    Attributes
    ----------
    told_to
        One past the last record that a member knows of.
    untold
        Whether something stands, or has ended, that no member knows of.
    """

    selection: Selection
    standing: dict[str, Standing] = field(default_factory=dict)
    next_offset: int = 0
    told_to: int = 0
    untold: bool = False

    def take(self, entry: Entry, told_ms: int) -> bool:
        """Fold one alert, told at ``told_ms`` or from then on; whether it changes what stands."""
        if not self.selection.wants(entry.alert):
            return False
        until_ms = None
        if entry.alert.data.status == "resolved":
            until_ms = told_ms + KEEP_RESOLVED_MS
        self.standing[entry.incident] = Standing(entry.alert, until_ms)
        return True

    def forget(self, now_ms: int) -> None:
        """Drop what was resolved long enough ago, once somebody knows."""
        if self.untold:
            return
        for incident, each in list(self.standing.items()):
            if each.until_ms is not None and each.until_ms <= now_ms:
                del self.standing[incident]


class StandingCourier:
    """Keeps `Courier` for channels that hold no state: each member is told every minute.

    A member that cannot be reached delays no other. What stands is folded from the whole topic at
    the start; the commit says up to where a member knows of it.
    """

    def __init__(
        self,
        settings: SelectionSettings,
        channel: StandingChannel,
        held: Callable[[str, int], bool],
        chance: Callable[[], float],
        tally: Tally,
    ) -> None:
        self._settings = settings
        self._channel = channel
        self._held = held
        self._chance = chance
        self._tally = tally
        self._lanes: dict[TopicPartition, _Lane] = {}
        self._members = [_Member() for _ in channel.members]
        self._version = 0

    @property
    def n_waiting(self) -> int:
        """Partitions with news that no member knows of; there is no queue."""
        return sum(lane.untold for lane in list(self._lanes.values()))

    def take_up(
        self,
        partition: TopicPartition,
        past: Iterable[Entry],
        committed: Committed | None,
        end: int,
        now: Now,
    ) -> int:
        """Fold the whole partition; what was resolved a while ago stands no more."""
        known = end if committed is None else min(committed.offset, end)
        lane = _Lane(Selection(self._settings), next_offset=end, told_to=known)
        self._lanes[partition] = lane
        for entry in past:
            if entry.offset >= end:
                break
            is_news = entry.offset >= known
            changes = lane.take(entry, now.ms if is_news else min(entry.time_ms, now.ms))
            lane.untold |= changes and is_news
        lane.forget(now.ms)
        _note_progress(lane)
        self._version += 1
        return end

    def hand(
        self, partition: TopicPartition, entries: Iterable[Entry], next_offset: int, now: Now
    ) -> None:
        """Take new ground; what changed is told at once."""
        lane = self._lanes[partition]
        changes = [lane.take(entry, now.ms) for entry in entries]
        lane.next_offset = max(lane.next_offset, next_offset)
        lane.untold |= any(changes)
        _note_progress(lane)
        self._version += any(changes)

    def work(self, now: Now) -> bool:
        """Tell one member, if it is time or there is news for it."""
        for i, member in enumerate(self._members):
            is_due = now.seconds >= member.next_seconds
            has_news = member.told != self._version and not member.n_failures
            if is_due or has_news:
                self._tell(i, member, now)
                return True
        return False

    def _tell(self, i: int, member: _Member, now: Now) -> None:
        standing = self._standing(now.ms)
        outcome = self._channel.post(i, standing, now.ms) if standing else Delivered()
        match outcome:
            case Delivered():
                self._tally["sent"] += len(standing) * (member.told != self._version)
                member.told, member.trouble, member.n_failures = self._version, None, 0
                member.next_seconds = now.seconds + EVERY_SECONDS
                for lane in self._lanes.values():
                    lane.untold = False
                    _note_progress(lane)
            case Retry(reason, after):
                self._rest(i, member, reason, after, now)
            case Refused(reason):
                self._rest(i, member, reason, None, now)

    def _standing(self, now_ms: int) -> list[Standing]:
        held: Held = lambda monitor: self._held(monitor, now_ms)  # noqa: E731 - one use
        found = []
        for lane in self._lanes.values():
            lane.forget(now_ms)
            found += [
                each
                for each in lane.standing.values()
                if each.until_ms is not None or not held(each.alert.data.monitor)
            ]
        return found

    def _rest(
        self, i: int, member: _Member, reason: str, after_seconds: float | None, now: Now
    ) -> None:
        self._tally["failed"] += 1
        member.n_failures += 1
        pause = pause_seconds(member.n_failures, after_seconds, self._chance())
        member.next_seconds = now.seconds + pause
        if member.n_failures & (member.n_failures - 1) == 0:  # more and more seldom
            name = self._channel.members[i]
            _logger.warning("not told", member=name, reason=reason, failures=member.n_failures)
        if member.n_failures >= FAILURES_THAT_ARE_A_PROBLEM:
            member.trouble = f"the channel does not take alerts: {reason}"

    def settled(self) -> Mapping[TopicPartition, Committed]:
        """Up to where a member knows of every owned partition."""
        return {at: Committed(lane.told_to, "") for at, lane in self._lanes.items()}

    def drop(self, partition: TopicPartition) -> None:
        """Others own it now, and tell of it."""
        self._lanes.pop(partition, None)

    def problem(self) -> str | None:
        """Why no member takes alerts now, if so: one that does is enough."""
        troubles = [member.trouble for member in self._members]
        return troubles[0] if troubles and None not in troubles else None


def _note_progress(lane: _Lane) -> None:
    if not lane.untold:
        lane.told_to = lane.next_offset
