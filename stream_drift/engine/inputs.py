"""The input partitions of one monitor: which there are, their chains, and the least clock."""

from __future__ import annotations

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
    """Follows all input partitions; ``holding`` names the topics that hold panes open."""

    holding: tuple[str, ...]
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
        """The least clock of the partitions that hold panes open; ``None``: nothing may close."""
        times = []
        for name in self.holding:
            topic = self.topics.get(name)
            if topic is None or topic.n_partitions == 0:
                return None
            for number in range(topic.n_partitions):
                clock = topic.clocks.get(number)
                if clock is None:
                    return None
                if clock.left_out:
                    continue
                if clock.time_ms is None:
                    return None
                times.append(clock.time_ms)
        return min(times, default=None)


def unfinished(chains: list[Chain]) -> list[dict[int, Newest]]:
    """What the chains of an ended topic had not yet accounted for."""
    return [chain.newest for chain in chains]
