"""The latest records of a topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing

from stream_drift.errors import BrokerError
from stream_drift.kafka.admin import KafkaAdmin
from stream_drift.kafka.scanner import KafkaScanner
from stream_drift.runtime.transport import LogScanner, StoredRecord

GROUP = "stream-drift.sample"


def sample_topic(kafka: Mapping[str, object], topic: str, n: int) -> list[bytes]:
    """Payloads of about the last ``n`` records over all partitions, oldest first.

    Fewer where the topic holds fewer, or where there are tombstones or holes among the last.

    Raises
    ------
    BrokerError
        Where the topic does not exist or the brokers do not answer.
    """
    with ExitStack() as clients:
        admin = clients.enter_context(closing(KafkaAdmin(kafka)))
        scanner = clients.enter_context(closing(KafkaScanner(kafka, GROUP, admin)))
        records = latest_records(scanner, topic, n)
    return [record.value for record in records if record.value is not None]


def latest_records(scanner: LogScanner, topic: str, n: int) -> list[StoredRecord]:
    """About the last ``n`` records of a topic that exists, by timestamp."""
    info = scanner.topics([topic]).get(topic)
    if info is None:
        message = f"topic {topic!r} does not exist"
        raise BrokerError(message)
    ends = [scanner.end_offset((topic, number)) for number in range(info.n_partitions)]
    found: list[StoredRecord] = []
    for number, share in enumerate(shares(ends, n)):
        found += scanner.scan((topic, number), ends[number] - share, ends[number])
    return sorted(found, key=lambda record: record.timestamp_ms)


def shares(available: Sequence[int], n: int) -> list[int]:
    """Split ``n`` as evenly as what is available allows.

    Examples
    --------
    >>> shares([2, 50, 50], 20)
    [2, 9, 9]
    """
    given = [0] * len(available)
    poorest_first = sorted(range(len(available)), key=available.__getitem__)
    for n_done, at in enumerate(poorest_first):
        given[at] = min(available[at], n // (len(available) - n_done))
        n -= given[at]
    return given
