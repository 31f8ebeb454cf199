"""Whether everything is there that a running service stands on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing

from stream_drift.errors import BrokerError
from stream_drift.kafka.admin import KafkaAdmin, TopicSpec
from stream_drift.kafka.connection import KafkaLog
from stream_drift.kafka.live_sample import CheckedInput, sample_line
from stream_drift.kafka.live_state import clock_line, group_text
from stream_drift.kafka.permissions import Grant, grant_command, merged, role_grants
from stream_drift.kafka.remedies import bootstrap_of, connection_remedy
from stream_drift.kafka.topics import creation_command, own_topics, settings_command
from stream_drift.runtime.check_line import CheckLine
from stream_drift.runtime.clock import now_ms
from stream_drift.runtime.own_topics import OwnTopics

ROLES = ("profile", "detect")
FOR_EVER = "-1"


def live_check(
    kafka: Mapping[str, object],
    name: str,
    inputs: Sequence[CheckedInput],
    roles: Sequence[str] = ROLES,
) -> list[CheckLine]:
    """Look at brokers, topics, permissions and records; changes nothing.

    Parameters
    ----------
    kafka
        The user's client settings.
    name
        Prefix of our topics and groups.
    roles
        Those that run with these client settings.
    """
    with ExitStack() as clients:
        log = clients.enter_context(closing(KafkaLog(kafka, name, now_ms)))
        reachable = _brokers(log.admin)
        if not reachable.ok:
            return [reachable]
        check = _LiveCheck(log, kafka, name, needed(name, inputs, roles))
        found = [*check.inputs(inputs), *check.own_topics(), *check.groups()]
        return [reachable, *found, *([check.clock()] if "detect" in roles else [])]


def needed(name: str, inputs: Sequence[CheckedInput], roles: Sequence[str]) -> list[Grant]:
    """What the roles together must be allowed."""
    by_role = role_grants(name, list(dict.fromkeys(source.topic for source in inputs)))
    return merged(grant for role in roles for grant in by_role[role])


def _brokers(admin: KafkaAdmin) -> CheckLine:
    try:
        brokers = admin.brokers()
    except BrokerError as error:
        return _bad("brokers", str(error), connection_remedy(str(error)))
    return _good("brokers", ", ".join(brokers))


class _LiveCheck:
    """The questions, once the brokers are known to answer."""

    def __init__(
        self, log: KafkaLog, kafka: Mapping[str, object], name: str, grants: Sequence[Grant]
    ) -> None:
        self._log = log
        self._kafka = kafka
        self._name = name
        self._grants = {(grant.kind, grant.name): grant for grant in grants}
        self._profile_runs = False

    def inputs(self, inputs: Sequence[CheckedInput]) -> Iterator[CheckLine]:
        """Each topic once, then what each input reads in it."""
        for topic in dict.fromkeys(source.topic for source in inputs):
            line = self._input_topic(topic)
            yield line
            if line.ok:
                yield from self._samples([s for s in inputs if s.topic == topic])

    def _input_topic(self, topic: str) -> CheckLine:
        subject = f"topic {topic}"
        try:
            info = self._log.admin.topics([topic]).get(topic)
        except BrokerError as error:
            return _bad(subject, str(error), self._grant(topic, "Read"))
        if info is None:
            remedy = "correct the input's topic, or start the producer that writes it"
            return _bad(subject, "does not exist", remedy)
        return self._permitted(subject, topic) or _good(subject, _partitions(info.n_partitions))

    def _grant(self, topic: str, *more: str) -> str:
        """The command that allows what is needed on a topic, and ``more``."""
        operations = (*self._needed_on(topic), *more)
        return grant_command(self._kafka, Grant("topic", topic, tuple(dict.fromkeys(operations))))

    def _needed_on(self, topic: str) -> tuple[str, ...]:
        found = self._grants.get(("topic", topic))
        return () if found is None else found.operations

    def _permitted(self, subject: str, topic: str) -> CheckLine | None:
        """A line where something that is needed is not allowed."""
        allowed = self._log.admin.allowed_on_topic(topic)
        lacking = [] if allowed is None else [o for o in self._needed_on(topic) if o not in allowed]
        if not lacking:
            return None
        remedy = grant_command(self._kafka, Grant("topic", topic, tuple(lacking)))
        return _bad(subject, f"may not {' nor '.join(lacking)}", remedy)

    def _samples(self, inputs: Sequence[CheckedInput]) -> Iterator[CheckLine]:
        with closing(self._log.scanner()) as scanner:
            for source in inputs:
                try:
                    yield sample_line(scanner, source)
                except BrokerError as error:
                    command = self._grant(source.topic, "Read")
                    yield _bad(f"records of {source.topic}", str(error), command)

    def own_topics(self) -> Iterator[CheckLine]:
        """Each of our topics, with its settings."""
        for spec in own_topics(self._name):
            try:
                yield self._own_topic(spec)
            except BrokerError as error:
                remedy = self._grant(spec.name, "DescribeConfigs")
                yield _bad(f"topic {spec.name}", str(error), remedy)

    def _own_topic(self, spec: TopicSpec) -> CheckLine:
        subject, admin = f"topic {spec.name}", self._log.admin
        info = admin.topics([spec.name]).get(spec.name)
        if info is None:
            command = creation_command(spec, bootstrap_of(self._kafka))
            remedy = f"stream-drift topics create; where that is not allowed: {command}"
            return _bad(subject, "does not exist", remedy)
        found = admin.configs([spec.name])[spec.name]
        wrong = {
            key: wanted
            for key, wanted in spec.config.items()
            if key in found and not _suffices(key, found[key], wanted)
        }
        if wrong:
            said = ", ".join(f"{key} is {found[key]}, not {wrong[key]}" for key in wrong)
            remedy = settings_command(spec.name, wrong, bootstrap_of(self._kafka))
            return _bad(subject, said, remedy)
        permitted = self._permitted(subject, spec.name)
        return permitted or _good(subject, _partitions(info.n_partitions))

    def groups(self) -> Iterator[CheckLine]:
        """Each consumer group; where only a prefix is known, any group that begins so."""
        for grant in self._grants.values():
            if grant.kind == "group":
                line = self._group(grant)
                yield line
                for group in self._groups_of(grant) if line.ok else ():
                    yield self._state(group)

    def _groups_of(self, grant: Grant) -> list[str]:
        """The groups that are meant, without the one that commits nothing."""
        if grant.prefixed:
            return self._log.admin.groups(grant.name)
        return [] if grant.name == f"{self._name}.scan" else [grant.name]

    def _group(self, grant: Grant) -> CheckLine:
        subject = f"group {grant.name}"
        remedy = grant_command(self._kafka, grant)
        try:
            allowed = self._log.admin.allowed_on_group(grant.name)
        except BrokerError as error:
            settling = "COORDINATOR" in str(error)  # the broker has just started
            return _bad(subject, str(error), "ask again in a moment" if settling else remedy)
        if allowed is not None and "Read" not in allowed:
            return _bad(subject, "may not be joined (Read)", remedy)
        return _good(subject, "may be joined")

    def _state(self, group: str) -> CheckLine:
        """How far a group is, and whether anybody is in it."""
        subject = f"progress of {group}"
        try:
            state = self._log.admin.group_state(group)
            with closing(self._log.scanner()) as scanner:
                text = group_text(scanner, state)
        except BrokerError as error:
            return CheckLine(None, subject, str(error))
        if group == f"{self._name}.profile":
            self._profile_runs = state.n_members > 0
        if state.n_members or not state.offsets:
            return _good(subject, text)
        return CheckLine(None, subject, text, "if it should run now: stream-drift run")

    def clock(self) -> CheckLine:
        """Ours against the brokers'; asked after `groups`."""
        with closing(self._log.scanner()) as scanner:
            topic = OwnTopics(self._name).profiles
            return clock_line(scanner, topic, now_ms, runs=self._profile_runs)


def _good(subject: str, text: str) -> CheckLine:
    return CheckLine(ok=True, subject=subject, text=text)


def _bad(subject: str, text: str, remedy: str) -> CheckLine:
    return CheckLine(ok=False, subject=subject, text=text, remedy=remedy)


def _suffices(key: str, found: str, wanted: str) -> bool:
    if key != "retention.ms":
        return found == wanted
    return found == FOR_EVER or int(found) >= int(wanted)


def _partitions(n: int) -> str:
    return "1 partition" if n == 1 else f"{n} partitions"
