"""What stands in the profiles topic: written by profilers, read by detectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stream_drift.events.record import PartitionId
from stream_drift.profiles.profile import Profile
from stream_drift.profiles.sample import Sample


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The profile of one (block, pane) up to an offset; a greater ``upto`` replaces it.

    ``sample`` holds the rows not sent before; a row is known by block and offset, so one that
    comes again replaces itself. ``None``: nothing is sampled.
    """

    partition: PartitionId
    block_start: int
    upto: int
    pane_start_ms: int
    profile: Profile
    sample: Sample | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The last record of a block: what became of every offset in ``[block_start, upto)``."""

    partition: PartitionId
    block_start: int
    upto: int
    events: int
    late: int
    rejected: Mapping[str, int]
    panes: Mapping[int, int]
    """Events per pane start (ms) of the block; late ones are in no pane."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Offsets ``[start, end)`` that the input topic no longer holds."""

    partition: PartitionId
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one input partition has been read, sent after the acks of what lies behind.

    Attributes
    ----------
    position
        The next offset to fetch.
    watermark_ms
        Greatest event time so far minus the lateness; ``None`` before the first event.
    idle_as_of_ms
        Set where nothing stood behind ``position`` at this append time of the log.
    """

    partition: PartitionId
    partition_count: int
    position: int
    watermark_ms: int | None
    idle_as_of_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """An operator's word, kept with who said it and why; ``arguments`` depend on the ``action``."""

    action: str
    by: str
    why: str
    arguments: Mapping[str, str]


LogRecord = Snapshot | Ledger | Lost | Progress | Command
