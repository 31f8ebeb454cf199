"""One partition of the in-memory log."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np

from stream_drift.events.record import RecordBatch
from stream_drift.runtime.transport import Headers, StoredRecord


class MemoryPartition:
    """Records by offset, as columns; offsets may have holes, and the oldest may be gone."""

    def __init__(self) -> None:
        self.start_offset = 0
        self.end_offset = 0
        self._offsets: list[int] = []
        self._timestamps_ms: list[int] = []
        self._keys: list[bytes | None] = []
        self._values: list[bytes | None] = []
        self._headers: list[Headers] = []

    def append(
        self, timestamp_ms: int, key: bytes | None, value: bytes | None, headers: Headers
    ) -> int:
        """Add a record at the end; returns its offset."""
        offset = self.end_offset
        self._offsets.append(offset)
        self._timestamps_ms.append(timestamp_ms)
        self._keys.append(key)
        self._values.append(value)
        self._headers.append(headers)
        self.end_offset = offset + 1
        return offset

    def extend(self, timestamps_ms: Sequence[int], values: Sequence[bytes | None]) -> None:
        """Add many records without keys."""
        n_records = len(values)
        self._offsets.extend(range(self.end_offset, self.end_offset + n_records))
        self._timestamps_ms.extend(timestamps_ms)
        self._keys.extend([None] * n_records)
        self._values.extend(values)
        self._headers.extend([()] * n_records)
        self.end_offset += n_records

    def skip(self, n_offsets: int) -> None:
        """Let the next offsets hold nothing, as if control records or compacted ones."""
        self.end_offset += n_offsets

    def trim(self, start_offset: int) -> None:
        """Forget everything below ``start_offset``."""
        gone = bisect_left(self._offsets, start_offset)
        for column in (
            self._offsets, self._timestamps_ms, self._keys, self._values, self._headers,
        ):  # fmt: skip
            del column[:gone]
        self.start_offset = start_offset

    def holds(self, offset: int) -> bool:
        """Whether a reader may stand here."""
        return self.start_offset <= offset <= self.end_offset

    def read(
        self, offset: int, max_records: int, *, with_keys: bool, with_headers: bool = False
    ) -> RecordBatch:
        """Records from ``offset``; what is read to the end ends past the holes there."""
        first = bisect_left(self._offsets, offset)
        last = min(first + max_records, len(self._offsets))
        offsets = self._offsets[first:last]
        at_end = last == len(self._offsets)
        return RecordBatch(
            np.array(offsets, np.int64),
            np.array(self._timestamps_ms[first:last], np.int64),
            self._values[first:last],
            self.end_offset if at_end else offsets[-1] + 1,
            self._keys[first:last] if with_keys else (),
            self._headers[first:last] if with_headers else (),
        )

    def records(self, start: int, stop: int) -> Iterator[StoredRecord]:
        """The records of ``[start, stop)``, as they stand when each is asked for."""
        while start < stop:
            at = bisect_left(self._offsets, start)
            if at == len(self._offsets) or self._offsets[at] >= stop:
                return
            yield self._record(at)
            start = self._offsets[at] + 1

    def _record(self, at: int) -> StoredRecord:
        return StoredRecord(
            self._offsets[at],
            self._timestamps_ms[at],
            self._keys[at],
            self._values[at],
            self._headers[at],
        )
