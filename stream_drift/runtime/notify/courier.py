"""What the notify role needs of whoever carries alerts into a channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from stream_drift.runtime.notify.entry import Entry
from stream_drift.runtime.transport import Committed, TopicPartition

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
LONGEST_WISH_SECONDS = 3_600.0
"""A receiver that wants us to come back later than this does not get its way."""

Tally = Counter[str]
"""Alerts by outcome: sent, failed (an attempt that will be repeated), refused (given up)."""


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of a step.

    Attributes
    ----------
    ms
        By the clock on the wall, as records carry it.
    seconds
        By a clock that is never set; pauses are measured with it.
    """

    ms: int
    seconds: float


class Courier(Protocol):
    """Carries the alerts of owned partitions into one channel; one thread calls it."""

    @property
    def n_waiting(self) -> int:
        """Alerts that are not told yet."""

    def take_up(
        self,
        partition: TopicPartition,
        past: Iterable[Entry],
        committed: Committed | None,
        end: int,
        now: Now,
    ) -> int:
        """Begin with a partition; returns the offset to read from.

        Parameters
        ----------
        past
            All that the topic holds, oldest first; may be left before its end.
        """

    def hand(
        self, partition: TopicPartition, entries: Iterable[Entry], next_offset: int, now: Now
    ) -> None:
        """Take new ground of an owned partition."""

    def work(self, now: Now) -> bool:
        """Make at most one attempt to tell what is due; whether there was one."""

    def settled(self) -> Mapping[TopicPartition, Committed]:
        """How far every owned partition is told."""

    def drop(self, partition: TopicPartition) -> None:
        """Others own it now."""

    def problem(self) -> str | None:
        """Why the channel does not take alerts now, if so; the same words for the same trouble."""


def pause_seconds(n_failures: int, wish_seconds: float | None, chance: float) -> float:
    """How long to leave a receiver alone after so many failures in a row.

    Doubles up to a minute; ``chance`` in [0, 1) takes up to half of it away, so that many clients
    do not come back together. A receiver's wish is kept where it is the longer one.

    Examples
    --------
    >>> [pause_seconds(n, None, 0.0) for n in (1, 2, 7, 1_000)]
    [1.0, 2.0, 60.0, 60.0]
    >>> pause_seconds(1, 30.0, 0.5), pause_seconds(1, 1e9, 0.5)
    (30.0, 3600.0)
    """
    doubled = FIRST_PAUSE_SECONDS * 2.0 ** min(n_failures - 1, 10)
    pause = min(doubled, LONGEST_PAUSE_SECONDS) * (1 - chance / 2)
    return max(pause, min(wish_seconds or 0.0, LONGEST_WISH_SECONDS))
