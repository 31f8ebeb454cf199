"""A consumer group of the in-memory log: who owns what, and what they have committed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from stream_drift.runtime.transport import Committed, TopicPartition

Claim = tuple[int, str]
"""A member, and the id of the topic that it may read."""

MAX_METADATA_LENGTH = 4095
"""What Kafka takes with a committed offset: fewer *characters* than its 4096 "bytes"."""


class MemoryGroup:
    """Members with sticky assignments that move one partition at a time.

    A partition that moves stays with its old owner until that one has let go of it; both learn
    of it when they poll.
    """

    def __init__(self) -> None:
        self.committed: dict[TopicPartition, Committed] = {}
        self._subscriptions: dict[int, Set[str]] = {}
        self._wanted: dict[TopicPartition, Claim] = {}
        self._owned: dict[TopicPartition, Claim] = {}

    def join(self, member: int, topics: Set[str], available: Mapping[TopicPartition, str]) -> None:
        """A member arrives, or wants other topics; ``available`` maps partitions to topic ids."""
        self._subscriptions[member] = topics
        self.rebalance(available)

    def leave(self, member: int, available: Mapping[TopicPartition, str]) -> None:
        """A member goes, or is given up; all it had is free at once."""
        if self._subscriptions.pop(member, None) is not None:
            self._owned = {at: claim for at, claim in self._owned.items() if claim[0] != member}
            self.rebalance(available)

    def rebalance(self, available: Mapping[TopicPartition, str]) -> None:
        """Decide anew who shall own what."""
        before = {at: member for at, (member, _) in self._wanted.items()}
        after = spread(sorted(available), self._subscriptions, before)
        self._wanted = {at: (member, available[at]) for at, member in after.items()}

    def to_revoke(self, member: int) -> list[TopicPartition]:
        """What the member owns and shall not."""
        return sorted(
            at
            for at, claim in self._owned.items()
            if claim[0] == member and self._wanted.get(at) != claim
        )

    def release(self, partitions: Sequence[TopicPartition]) -> None:
        """The owner has let go."""
        for at in partitions:
            self._owned.pop(at, None)

    def take(self, member: int) -> list[TopicPartition]:
        """Give the member what it shall own and nobody owns; returns what is new."""
        new = [
            at for at, claim in self._wanted.items() if claim[0] == member and at not in self._owned
        ]
        self._owned.update((at, self._wanted[at]) for at in new)
        return new

    def has(self, member: int) -> bool:
        """Whether the member is one."""
        return member in self._subscriptions

    def commit(self, offsets: Mapping[TopicPartition, Committed]) -> bool:
        """Store positions; False where a text was too long to be stored."""
        fitting = {
            at: entry for at, entry in offsets.items() if len(entry.metadata) <= MAX_METADATA_LENGTH
        }
        self.committed.update(fitting)
        return len(fitting) == len(offsets)

    def forget(self, topic: str) -> None:
        """A topic is gone, and with it what was committed."""
        self.committed = {at: entry for at, entry in self.committed.items() if at[0] != topic}


def spread(
    partitions: Sequence[TopicPartition],
    subscriptions: Mapping[int, Set[str]],
    before: Mapping[TopicPartition, int],
) -> dict[TopicPartition, int]:
    """Who gets which partition: as even as subscriptions allow, moving as few as possible.

    Ties go to the member that joined first, and the last partitions move first.

    Examples
    --------
    >>> spread([("t", 0), ("t", 1), ("t", 2)], {7: {"t"}, 8: {"t"}}, {("t", 0): 8})
    {('t', 0): 8, ('t', 1): 7, ('t', 2): 7}
    """
    after = {
        at: before[at] for at in partitions if at[0] in subscriptions.get(before.get(at, -1), ())
    }
    load = {member: list(after.values()).count(member) for member in subscriptions}
    for at in partitions:
        if at not in after and (least := _least_loaded(at, subscriptions, load)) is not None:
            after[at] = least
            load[least] += 1
    while (move := _levelling_move(after, subscriptions, load)) is not None:
        at, to = move
        load[after[at]] -= 1
        load[to] += 1
        after[at] = to
    return after


def _least_loaded(
    at: TopicPartition, subscriptions: Mapping[int, Set[str]], load: Mapping[int, int]
) -> int | None:
    able = [member for member, topics in subscriptions.items() if at[0] in topics]
    return min(able, key=load.__getitem__, default=None)


def _levelling_move(
    after: Mapping[TopicPartition, int],
    subscriptions: Mapping[int, Set[str]],
    load: Mapping[int, int],
) -> tuple[TopicPartition, int] | None:
    for at in sorted(after, reverse=True):
        to = _least_loaded(at, subscriptions, load)
        if to is not None and load[to] + 1 < load[after[at]]:
            return at, to
    return None
