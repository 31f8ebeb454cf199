"""What each part of the program must be allowed to do, and the commands that allow it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from stream_drift.kafka.remedies import bootstrap_of
from stream_drift.runtime.own_topics import OwnTopics

NOBODY_KNOWN = "NAME"
"""Stands for the principal where the settings do not tell it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Operations on a topic or group, or on all whose names begin so (``prefixed``).

    Read and Write imply Describe.
    """

    kind: Literal["topic", "group"]
    name: str
    operations: tuple[str, ...]
    prefixed: bool = False


def role_grants(name: str, topics: Sequence[str]) -> dict[str, list[Grant]]:
    """The least that each role or command needs.

    Parameters
    ----------
    name
        Prefix of our topics and groups.
    topics
        The input topics.
    """
    own = OwnTopics(name)
    inputs = [Grant("topic", topic, ("Read",)) for topic in topics]
    scan = Grant("group", f"{name}.scan", ("Read",))
    return {
        "profile": [
            *inputs,
            Grant("topic", own.profiles, ("Write",)),
            Grant("topic", own.rejects, ("Write",)),
            Grant("group", f"{name}.profile", ("Read",)),
        ],
        "detect": [
            Grant("topic", own.profiles, ("Read",)),
            Grant("topic", own.state, ("Read", "Write")),
            Grant("topic", own.alerts, ("Read", "Write")),
            Grant("group", f"{name}.detect", ("Read",)),
            scan,
        ],
        "notify": [
            Grant("topic", own.alerts, ("Read",)),
            Grant("group", f"{name}.notify.", ("Read",), prefixed=True),
            scan,
        ],
        "check": [
            *inputs,
            Grant("topic", f"{name}.", ("Read", "DescribeConfigs"), prefixed=True),
            Grant("group", f"{name}.", ("Describe",), prefixed=True),
            scan,
        ],
        "incidents": [
            Grant("topic", own.alerts, ("Read",)),
            Grant("topic", own.profiles, ("Write",)),
            scan,
        ],
        "topics create": [Grant("topic", f"{name}.", ("Create", "Describe"), prefixed=True)],
    }


def merged(grants: Iterable[Grant]) -> list[Grant]:
    """One grant for each topic and group, with the operations of all."""
    found: dict[tuple[str, str, bool], dict[str, None]] = {}
    kinds: dict[tuple[str, str, bool], Grant] = {}
    for grant in grants:
        key = grant.kind, grant.name, grant.prefixed
        kinds.setdefault(key, grant)
        found.setdefault(key, {}).update(dict.fromkeys(grant.operations))
    return [
        Grant(kinds[key].kind, key[1], tuple(operations), key[2])
        for key, operations in found.items()
    ]


def grant_command(kafka: Mapping[str, object], grant: Grant) -> str:
    """The line for whoever may grant.

    Examples
    --------
    >>> grant_command({"sasl.username": "drift"}, Grant("group", "streamdrift.detect", ("Read",)))
    'kafka-acls.sh --bootstrap-server localhost:9092 --add --allow-principal User:drift \
--operation Read --group streamdrift.detect'
    """
    words = ["kafka-acls.sh", "--bootstrap-server", bootstrap_of(kafka), "--add"]
    words += ["--allow-principal", f"User:{kafka.get('sasl.username', NOBODY_KNOWN)}"]
    for operation in grant.operations:
        words += ["--operation", operation]
    if grant.prefixed:
        words += ["--resource-pattern-type", "prefixed"]
    return shlex.join([*words, f"--{grant.kind}", grant.name])


def acl_commands(
    kafka: Mapping[str, object], name: str, topics: Sequence[str]
) -> dict[str, list[str]]:
    """The lines that allow each role and command what it needs."""
    return {
        role: [grant_command(kafka, grant) for grant in grants]
        for role, grants in role_grants(name, topics).items()
    }
