"""Settings of the Kafka clients: the user's own, unchanged, beside what the design needs.

Defaults give way to the user's settings; what counting exactly rests on does not.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from stream_drift.errors import ConfigError

ClientConfig = dict[str, Any]

COOPERATIVE = "cooperative-sticky"

_ASSIGNOR = "partition.assignment.strategy"
_LOGGED: Mapping[str, object] = {"logger": logging.getLogger("stream_drift.kafka")}
_COMMON: Mapping[str, object] = {
    "client.id": "stream-drift",
    "enable.metrics.push": False,  # nothing leaves that nobody asked for
}

_CONSUMER: Mapping[str, object] = {
    "fetch.queue.backoff.ms": 10,  # 1000 lets a full queue run dry before it is filled again
    "fetch.min.bytes": 65_536,
    "fetch.wait.max.ms": 100,
    "queued.max.messages.kbytes": 32_768,  # bounds memory, for all partitions together
    "topic.metadata.refresh.interval.ms": 10_000,  # how soon new partitions are seen
}

_PRODUCER: Mapping[str, object] = {"linger.ms": 20, "compression.type": "lz4"}

_CONSUMER_MUSTS: Mapping[str, object] = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": True,  # moves positions past control records and holes
    "auto.offset.reset": "error",  # a gap is reported, never jumped over
    "isolation.level": "read_committed",
}
_PRODUCER_MUSTS: Mapping[str, object] = {"enable.idempotence": True, "acks": "all"}

_CONSUMERS_ONLY = re.compile(
    r"group\.|session\.|heartbeat\.|max\.poll|coordinator\.|fetch\.|queued\.|check\.crcs"
    r"|partition\.assignment|isolation|auto\.|enable\.auto|enable\.partition\.eof|allow\.auto"
)
_PRODUCERS_ONLY = re.compile(
    r"acks|batch\.|compression\.|delivery\.|linger|message\.(send|timeout)|partitioner|retries"
    r"|queue\.buffering|request\.|sticky\.|transaction|enable\.(idempotence|gapless)"
)

_SYNONYMS = {"acks": "-1"}
_OURS = ("group.id", "transactional.id")
_SECRET = re.compile(r"password|secret|token|credential|oauthbearer\.config|\.key|\.pem|jaas")


def reader_config(kafka: Mapping[str, object], group: str) -> ClientConfig:
    """Settings of a member of the consumer group ``group``."""
    assignor = {} if _is_kip_848(kafka) else {_ASSIGNOR: COOPERATIVE}
    return scanner_config(kafka, group) | assignor


def scanner_config(kafka: Mapping[str, object], group: str) -> ClientConfig:
    """Settings of a consumer that never joins; ``group`` is only a name to it."""
    refuse_conflicts(kafka)
    meant = _without(_PRODUCERS_ONLY, kafka)
    defaults = {**_COMMON, **_LOGGED, **_CONSUMER}
    return {**defaults, **meant, **_CONSUMER_MUSTS, "group.id": group}


def writer_config(kafka: Mapping[str, object]) -> ClientConfig:
    """Settings of an idempotent producer."""
    refuse_conflicts(kafka)
    meant = _without(_CONSUMERS_ONLY, kafka)
    return {**_COMMON, **_LOGGED, **_PRODUCER, **meant, **_PRODUCER_MUSTS}


def admin_config(kafka: Mapping[str, object]) -> ClientConfig:
    """Settings of an admin client, which logs nothing: its calls say what went wrong."""
    return {**_COMMON, "log_level": 0, **kafka}


def refuse_conflicts(kafka: Mapping[str, object]) -> None:
    """Raise `ConfigError` with all `conflicts`."""
    if wrong := conflicts(kafka):
        message = "\n".join(f"kafka: {key} {why}" for key, why in wrong.items())
        raise ConfigError(message)


def conflicts(kafka: Mapping[str, object]) -> dict[str, str]:
    """Settings that cannot be as the user wants them, and why: key to sentence.

    Examples
    --------
    >>> conflicts({"bootstrap.servers": "localhost:9092", "auto.offset.reset": "latest"})
    {'auto.offset.reset': "must be 'error' here; leave it out"}
    """
    musts = {**_CONSUMER_MUSTS, **_PRODUCER_MUSTS}
    if not _is_kip_848(kafka):
        musts[_ASSIGNOR] = COOPERATIVE
    wrong = {
        key: f"must be {_text(musts[key])!r} here; leave it out"
        for key, value in kafka.items()
        if key in musts and _text(value) not in {_text(musts[key]), _SYNONYMS.get(key)}
    }
    return wrong | {key: "is set by stream-drift; leave it out" for key in _OURS if key in kafka}


def redacted(config: Mapping[str, object]) -> dict[str, str]:
    """The settings as they may be shown.

    Examples
    --------
    >>> redacted({"sasl.username": "drift", "sasl.password": "hunter2"})
    {'sasl.username': 'drift', 'sasl.password': '***'}
    """
    return {key: "***" if _SECRET.search(key) else _text(value) for key, value in config.items()}


def _without(pattern: re.Pattern[str], kafka: Mapping[str, object]) -> dict[str, object]:
    """The client warns of each setting that is for the other kind of client."""
    return {key: value for key, value in kafka.items() if not pattern.match(key)}


def _is_kip_848(kafka: Mapping[str, object]) -> bool:
    return kafka.get("group.protocol") == "consumer"


def _text(value: object) -> str:
    return str(value).lower() if str(value) in {"True", "False"} else str(value)
