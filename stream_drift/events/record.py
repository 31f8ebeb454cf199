"""Records as they come from a log, before anything is decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True, order=True)
class PartitionId:
    """One input partition; a re-created topic has another ``topic_id`` and is another log."""

    topic: str
    topic_id: str
    number: int


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Consecutive records of one input partition, as columns.

    Attributes
    ----------
    offsets, timestamps_ms
        int64, shape (n,); offsets strictly increase. Timestamps are the records' own (Kafka's).
    values
        The payload bytes, one per record; ``None`` for a tombstone.
    next_offset
        The position after the batch, past control records and holes behind its last record.
    keys
        The record keys, one per record, or empty where nobody asks for them.
    headers
        The record headers, one sequence per record, or empty where nobody asks for them.
    """

    offsets: NDArray[np.int64]
    timestamps_ms: NDArray[np.int64]
    values: Sequence[bytes | None]
    next_offset: int
    keys: Sequence[bytes | None] = field(default=())
    headers: Sequence[Headers] = field(default=())

    def __len__(self) -> int:
        return len(self.values)

    def slice(self, start: int, stop: int) -> RecordBatch:
        """Records ``start`` to ``stop``; its ``next_offset`` is where the rest begins."""
        next_offset = int(self.offsets[stop]) if stop < len(self) else self.next_offset
        return RecordBatch(
            self.offsets[start:stop],
            self.timestamps_ms[start:stop],
            self.values[start:stop],
            next_offset,
            self.keys[start:stop],
            self.headers[start:stop],
        )
