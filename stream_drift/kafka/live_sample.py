"""What is understood of the latest records of an input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from stream_drift.events.columns import INVALID_CATEGORY, Columns
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping
from stream_drift.events.record import RecordBatch
from stream_drift.kafka.sample import latest_records
from stream_drift.runtime.check_line import CheckLine
from stream_drift.runtime.transport import LogScanner, StoredRecord

SAMPLE_SIZE = 100
MOST_REJECTS = 0.5
N_EXAMPLES = 3
LONGEST_EXAMPLE = 24


@dataclass(frozen=True, slots=True)
class CheckedInput:
    """One input of one monitor, and how its records are read."""

    monitor: str
    topic: str
    mapping: EventMapping


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    kind: str
    n_missing: int
    n_invalid: int
    examples: tuple[str, ...]


def sample_line(scanner: LogScanner, source: CheckedInput) -> CheckLine:
    """Decode the latest records and tell what became of them."""
    subject = f"records of {source.topic} for {source.monitor}"
    records = latest_records(scanner, source.topic, SAMPLE_SIZE)
    if not records:
        return CheckLine(None, subject, "none yet; what they hold cannot be checked")
    decoded = Decoder(source.mapping).decode(_batch(records))
    columns = list(_columns(decoded, source.mapping))
    text = "\n".join([_summary(decoded, len(records)), *_table(columns, len(decoded))])
    ok, remedy = _verdict(decoded, columns)
    return CheckLine(ok, subject, text, remedy)


def _verdict(decoded: Columns, columns: Sequence[_Column]) -> tuple[bool | None, str | None]:
    n_rejects, n_events = len(decoded.rejects), len(decoded)
    if n_rejects > MOST_REJECTS * (n_rejects + n_events):
        return False, "look at the input's time and where, and at what its producer writes"
    absent = [column.name for column in columns if column.n_missing == n_events > 0]
    if absent:
        return None, f"in no record: {', '.join(absent)}; if they should be, correct their path"
    return True, None


def _batch(records: Sequence[StoredRecord]) -> RecordBatch:
    """As one batch; the records are of several partitions, so offsets only number them."""
    times = np.array([record.timestamp_ms for record in records], np.int64)
    values = [record.value for record in records]
    return RecordBatch(np.arange(len(records)), times, values, len(records))


def _summary(decoded: Columns, n_records: int) -> str:
    parts = [f"of the last {n_records:,} records {len(decoded):,} are events"]
    if len(decoded):
        first, last = int(decoded.times_ms.min()), int(decoded.times_ms.max())
        parts[0] += f" of {_moment(first)} to {_moment(last)}"
    if decoded.n_filtered:
        parts.append(f"{decoded.n_filtered:,} are not meant (where)")
    for reason, count in Counter(reject.reason for reject in decoded.rejects).most_common():
        detail = next(reject.detail for reject in decoded.rejects if reject.reason == reason)
        parts.append(f"{count:,} rejected as {reason} (such as: {detail})")
    return "; ".join(parts)


def _columns(decoded: Columns, mapping: EventMapping) -> Iterator[_Column]:
    for at, field in enumerate(mapping.numbers):
        yield _number_column(field.name, decoded.numbers[:, at])
    for field, values in zip(mapping.categories, decoded.categories, strict=True):
        usable = [v for v in values if v is not None and v is not INVALID_CATEGORY]
        n_missing = sum(value is None for value in values)
        n_invalid = len(values) - n_missing - len(usable)
        texts = _examples(str(value) for value in usable)
        yield _Column(field.name, "category", n_missing, n_invalid, texts)


def _number_column(name: str, values: NDArray[np.float64]) -> _Column:
    n_missing = int(np.isnan(values).sum())
    usable = values[np.isfinite(values)]
    n_invalid = len(values) - n_missing - len(usable)
    return _Column(name, "number", n_missing, n_invalid, _examples(f"{v:g}" for v in usable))


def _examples(texts: Iterator[str]) -> tuple[str, ...]:
    different = dict.fromkeys(texts)
    return tuple(_short(text) for text in list(different)[:N_EXAMPLES])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_EXAMPLE else f"{text[: LONGEST_EXAMPLE - 1]}…"


def _table(columns: Sequence[_Column], n_events: int) -> Iterator[str]:
    width = max((len(column.name) for column in columns), default=0)
    for column in columns if n_events else ():
        n_usable = n_events - column.n_missing - column.n_invalid
        counts = {"usable": n_usable, "missing": column.n_missing, "invalid": column.n_invalid}
        shares = " ".join(f"{n / n_events:4.0%} {word}" for word, n in counts.items())
        examples = ", ".join(column.examples)
        yield f"      {column.name:<{width}}  {column.kind:<8} {shares}  {examples}".rstrip()


def _moment(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
