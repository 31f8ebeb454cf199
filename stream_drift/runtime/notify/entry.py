"""Alerts with their place on the topic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stream_drift.events.record import RecordBatch
from stream_drift.incidents.alert import Alert
from stream_drift.runtime.told import alert_of
from stream_drift.runtime.transport import StoredRecord


@dataclass(frozen=True, slots=True)
class Entry:
    """An alert as it stands on the topic; ``time_ms`` is its record's timestamp."""

    offset: int
    time_ms: int
    alert: Alert

    @property
    def incident(self) -> str:
        """Whom it speaks of."""
        return self.alert.data.incident


def entries_in(batch: RecordBatch) -> Iterator[Entry]:
    """The alerts of a batch that was read with headers."""
    offsets, times = batch.offsets.tolist(), batch.timestamps_ms.tolist()
    for offset, time_ms, value, headers in zip(
        offsets, times, batch.values, batch.headers, strict=True
    ):
        alert = alert_of(value, headers)
        if alert is not None:
            yield Entry(offset, time_ms, alert)


def entries_of(records: Iterable[StoredRecord]) -> Iterator[Entry]:
    """The alerts in a stretch of an alerts partition."""
    for record in records:
        alert = alert_of(record.value, record.headers)
        if alert is not None:
            yield Entry(record.offset, record.timestamp_ms, alert)
