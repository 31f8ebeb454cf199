"""Our own topics as they should be, and the means to make them."""

from __future__ import annotations

import shlex

from stream_drift.kafka.admin import BROKERS_DEFAULT, Creation, KafkaAdmin, TopicSpec
from stream_drift.runtime.own_topics import OwnTopics

DAY_MS = 86_400_000
KEEP_PROFILES_MS = 7 * DAY_MS
KEEP_REJECTS_MS = 14 * DAY_MS
KEEP_ALERTS_MS = 90 * DAY_MS

N_PARTITIONS = 4
"""Monitors are spread over partitions, so more than monitors are of no use."""


def own_topics(
    prefix: str, n_partitions: int = N_PARTITIONS, replication: int = BROKERS_DEFAULT
) -> list[TopicSpec]:
    """The topics under a prefix, with the settings that the design rests on.

    The log of profiles needs append times, the only clock that all processes share, and must not
    be compacted: two records of one key may both count.
    """
    own = OwnTopics(prefix)
    configs = {
        own.profiles: {
            "cleanup.policy": "delete",
            "retention.ms": str(KEEP_PROFILES_MS),
            "message.timestamp.type": "LogAppendTime",
        },
        own.state: {"cleanup.policy": "compact"},
        own.alerts: {"cleanup.policy": "delete", "retention.ms": str(KEEP_ALERTS_MS)},
        own.rejects: {"cleanup.policy": "delete", "retention.ms": str(KEEP_REJECTS_MS)},
    }
    return [TopicSpec(name, n_partitions, config, replication) for name, config in configs.items()]


def create_topics(
    admin: KafkaAdmin, prefix: str, n_partitions: int = N_PARTITIONS
) -> list[Creation]:
    """Make those of our topics that do not exist; a refusal is told, not raised."""
    return admin.create(own_topics(prefix, n_partitions))


def creation_command(spec: TopicSpec, bootstrap: str) -> str:
    """The line for whoever may create topics.

    Examples
    --------
    >>> creation_command(TopicSpec("x.state", 2, {"cleanup.policy": "compact"}), "broker:9092")
    'kafka-topics.sh --bootstrap-server broker:9092 --create --if-not-exists --topic x.state \
--partitions 2 --config cleanup.policy=compact'
    """
    words = ["kafka-topics.sh", "--bootstrap-server", bootstrap, "--create", "--if-not-exists"]
    words += ["--topic", spec.name, "--partitions", str(spec.n_partitions)]
    if spec.replication != BROKERS_DEFAULT:
        words += ["--replication-factor", str(spec.replication)]
    for key, value in spec.config.items():
        words += ["--config", f"{key}={value}"]
    return shlex.join(words)


def settings_command(topic: str, wanted: dict[str, str], bootstrap: str) -> str:
    """The line that changes settings of a topic.

    Examples
    --------
    >>> settings_command("x.state", {"cleanup.policy": "compact"}, "broker:9092")
    'kafka-configs.sh --bootstrap-server broker:9092 --alter --entity-type topics \
--entity-name x.state --add-config cleanup.policy=compact'
    """
    added = ",".join(f"{key}={value}" for key, value in wanted.items())
    words = ["kafka-configs.sh", "--bootstrap-server", bootstrap, "--alter"]
    words += ["--entity-type", "topics", "--entity-name", topic, "--add-config", added]
    return shlex.join(words)
