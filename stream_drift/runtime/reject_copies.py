"""Copies of rejected records: original bytes, reason in headers, at a bounded rate."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass, field

from stream_drift.engine.effects import CopyReject
from stream_drift.runtime.transport import LogWriter

MAX_COPIES_PER_SECOND = 100
"""Per input partition; every reject is counted, whether copied or not."""
MAX_COPY_BYTES = 500_000
"""Longer values are cut, so that a copy never exceeds what a topic takes."""


@dataclass(slots=True)
class RejectCopies:
    """Sends reject copies as long as the rate allows; a partition's copies keep together."""

    topic: str
    n_partitions: int
    writer: LogWriter
    now_ms: Callable[[], int]
    copied: Tally[str] = field(default_factory=Tally)
    not_copied: Tally[str] = field(default_factory=Tally)
    _second: int = -1
    _in_second: Tally[tuple[str, int]] = field(default_factory=Tally)

    def send(self, monitor: str, reject: CopyReject) -> None:
        """Copy one reject, or count that it was not."""
        second = self.now_ms() // 1000
        if second != self._second:
            self._second = second
            self._in_second.clear()
        source = (reject.topic, reject.partition)
        if self._in_second[source] >= MAX_COPIES_PER_SECOND or self.n_partitions == 0:
            self.not_copied[reject.topic] += 1
            return
        self._in_second[source] += 1
        self.copied[reject.topic] += 1
        facts = {
            "monitor": monitor,
            "topic": reject.topic,
            "partition": str(reject.partition),
            "offset": str(reject.offset),
            "reason": reject.reason,
            "detail": reject.detail,
        }
        headers = [(f"streamdrift.{name}", text.encode()) for name, text in facts.items()]
        value = reject.value
        if value is not None and len(value) > MAX_COPY_BYTES:
            headers.append(("streamdrift.cut_from_bytes", str(len(value)).encode()))
            value = value[:MAX_COPY_BYTES]
        number = reject.partition % self.n_partitions
        self.writer.send(self.topic, number, reject.key, value, headers)
