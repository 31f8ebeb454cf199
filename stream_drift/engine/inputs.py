"""The input partitions of one monitor: which there are, their chains, and the least clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from stream_drift.events.record import PartitionId
from stream_drift.windows.chain import Chain, Newest
from stream_drift.windows.log import Progress
from stream_drift.windows.partition_clock import PartitionClock


@dataclass(slots=True)
class InputTopic:
    """One topic in its present life: re-created, it has another id and starts anew."""

    topic_id: str
    n_partitions: int = 0
    chains: dict[int, Chain] = field(default_factory=dict)
    clocks: dict[int, PartitionClock] = field(default_factory=dict)


@dataclass(slots=True)
class Inputs:
    """Follows all input partitions.

    Attributes
    ----------
    holding
        The topics that hold panes open.
    lateness_ms
        How long after it happened an event may come.
    """

    holding: tuple[str, ...]
    lateness_ms: int
    topics: dict[str, InputTopic] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)

    def topic_of(self, partition: PartitionId) -> tuple[InputTopic | None, list[Chain]]:
        """The topic's present life, and the chains of the one that it just replaced.

        The topic is ``None`` for records of a life that is over.
        """
        known = self.topics.get(partition.topic)
        if known is not None and known.topic_id == partition.topic_id:
            return known, []
        if partition.topic_id in self.retired:
            return None, []
        ended: list[Chain] = []
        if known is not None:
            self.retired.add(known.topic_id)
            ended = list(known.chains.values())
        fresh = self.topics[partition.topic] = InputTopic(partition.topic_id)
        return fresh, ended

    @staticmethod
    def chain_of(topic: InputTopic, partition: PartitionId) -> Chain:
        """The partition's chain, begun when first asked for."""
        return topic.chains.setdefault(partition.number, Chain())

    @staticmethod
    def advance(topic: InputTopic, progress: Progress, append_ms: int) -> None:
        """Take a progress record; partitions are only ever added to a topic."""
        topic.n_partitions = max(topic.n_partitions, progress.partition_count)
        number = progress.partition.number
        topic.clocks.setdefault(number, PartitionClock()).advance(progress, append_ms)

    def chains(self) -> list[Chain]:
        """All chains of all topics."""
        return [chain for topic in self.topics.values() for chain in topic.chains.values()]

    def clock_ms(self) -> int | None:
        """The least clock of the partitions that hold panes open; ``None``: nothing may close.

        A partition known to be empty holds only what may yet come to it: its first event will
        have happened at most ``lateness_ms`` before the time up to which that is known.
        """
        times, bounds = [], []
        for clock in self._clocks():
            if clock is None:
                return None
            if clock.time_ms is not None:
                times.append(clock.time_ms)
            elif clock.is_left_out:
                continue
            elif clock.empty_as_of_ms is not None:
                bounds.append(clock.empty_as_of_ms - self.lateness_ms)
            else:
                return None
        return min(times + bounds) if times else None

    def _clocks(self) -> Iterator[PartitionClock | None]:
        """Of every partition that holds panes open; ``None`` where it has not been heard of."""
        for name in self.holding:
            topic = self.topics.get(name)
            if topic is None or topic.n_partitions == 0:
                yield None
            else:
                yield from (topic.clocks.get(number) for number in range(topic.n_partitions))


def unfinished(chains: list[Chain]) -> list[dict[int, Newest]]:
    """What the chains of an ended topic had not yet accounted for."""
    return [chain.newest for chain in chains]
