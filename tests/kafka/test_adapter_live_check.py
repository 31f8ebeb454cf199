"""``check --live`` says what is there, what is not, and what to do."""

from __future__ import annotations

import json
import re
import shlex
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # re-exported without saying so
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from stream_drift.events.mapping import EventMapping, Field, Filter
from stream_drift.kafka import admin
from stream_drift.kafka.admin import KafkaAdmin
from stream_drift.kafka.embedded import EmbeddedBroker
from stream_drift.kafka.live_check import ROLES, live_check
from stream_drift.kafka.live_sample import CheckedInput
from stream_drift.kafka.permissions import acl_commands
from stream_drift.kafka.topics import create_topics, own_topics
from stream_drift.runtime.check_line import CheckLine
from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.kafka_log import ClientSettings, client_settings, write
from tests.support.ports import free_port
from tests.support.program import wait_for
from tests.support.scene import QUICK, Scene

MAPPING = EventMapping(
    numbers=(Field("adr", ("price", "adr")), Field("lead_time", ("lead_time",))),
    categories=(Field("country", ("country",)),),
    event_id=("id",),
    time=("at",),
    where=Filter(("model",), "hotel"),
)
START_MS = 1_760_000_000_000


def events(n: int, **more: object) -> list[bytes]:
    return [
        json.dumps(
            {"id": i, "at": START_MS + i, "model": "hotel", "price": {"adr": i / 4}} | more
        ).encode()
        for i in range(n)
    ]


def line_of(lines: Sequence[CheckLine], subject: str) -> CheckLine:
    (line,) = [line for line in lines if line.subject == subject]
    return line


def failing(lines: Sequence[CheckLine]) -> set[str]:
    return {line.subject for line in lines if line.ok is False}


def test_all_is_well_where_all_is_well(broker: KafkaBroker, topic_prefix: str) -> None:
    kafka = client_settings(broker.bootstrap)
    topic = f"{topic_prefix}.in"
    broker.create_topic(topic, 3)
    write(broker.bootstrap, topic, events(10, lead_time=7, country="PRT"), partition=1)
    with closing(KafkaAdmin(kafka)) as client:
        create_topics(client, topic_prefix, 2)
    lines = live_check(kafka, topic_prefix, [CheckedInput("m", topic, MAPPING)])
    assert [line.subject for line in lines if not line.ok] == ["clock"]
    assert "is empty" in line_of(lines, "clock").text
    assert line_of(lines, f"topic {topic}").text == "3 partitions"
    assert line_of(lines, f"topic {topic_prefix}.state").text == "2 partitions"
    assert line_of(lines, f"records of {topic} for m").text.splitlines() == [
        "of the last 10 records 10 are events of 2025-10-09 08:53:20Z to 2025-10-09 08:53:20Z",
        "      adr        number   100% usable   0% missing   0% invalid  0, 0.25, 0.5",
        "      lead_time  number   100% usable   0% missing   0% invalid  7",
        "      country    category 100% usable   0% missing   0% invalid  PRT",
    ]


def test_what_is_missing_is_named_with_what_to_do(broker: KafkaBroker, topic_prefix: str) -> None:
    kafka = client_settings(broker.bootstrap)
    lines = live_check(kafka, topic_prefix, [CheckedInput("m", "no.such.topic", MAPPING)])
    own = {f"topic {spec.name}" for spec in own_topics(topic_prefix)}
    assert failing(lines) == {"topic no.such.topic", *own}
    assert "start the producer" in str(line_of(lines, "topic no.such.topic").remedy)
    remedy = str(line_of(lines, f"topic {topic_prefix}.state").remedy)
    assert remedy.startswith("stream-drift topics create")
    assert f"--topic {topic_prefix}.state" in remedy
    assert "--config cleanup.policy=compact" in remedy


def test_settings_that_lose_data_are_named(broker: KafkaBroker, topic_prefix: str) -> None:
    kafka = client_settings(broker.bootstrap)
    profiles, state, alerts, rejects = (spec.name for spec in own_topics(topic_prefix))
    broker.create_topic(profiles, cleanup_policy="compact", retention_ms=1000)
    broker.create_topic(state)
    broker.create_topic(alerts, retention_ms=-1)
    broker.create_topic(rejects, retention_ms=2 * 14 * 86_400_000)
    lines = live_check(kafka, topic_prefix, [])
    assert failing(lines) == {f"topic {profiles}", f"topic {state}"}
    line = line_of(lines, f"topic {profiles}")
    for said in ("compact, not delete", "1000, not 604800000", "CreateTime, not LogAppendTime"):
        assert said in line.text
    assert "retention.ms=604800000" in str(line.remedy)


def test_records_that_cannot_be_read_are_told(broker: KafkaBroker, topic_prefix: str) -> None:
    broker.create_topic(topic_prefix, 2)
    write(broker.bootstrap, topic_prefix, [b"{", b"[]", b"\xff", *events(2)])
    lines = live_check(
        client_settings(broker.bootstrap), "x", [CheckedInput("m", topic_prefix, MAPPING)]
    )
    line = line_of(lines, f"records of {topic_prefix} for m")
    assert line.ok is False
    assert "of the last 5 records 2 are events" in line.text
    assert "rejected as decode" in line.text
    assert line.remedy is not None


def test_a_feature_that_no_record_has_is_a_warning(broker: KafkaBroker, topic_prefix: str) -> None:
    broker.create_topic(topic_prefix)
    records = [*events(3, country="PRT" * 20, lead_time=[1]), *events(4, model="loans")]
    write(broker.bootstrap, topic_prefix, records)
    mapping = EventMapping(
        (*MAPPING.numbers, Field("nope", ("nope",))), MAPPING.categories, where=MAPPING.where
    )
    lines = live_check(
        client_settings(broker.bootstrap), "x", [CheckedInput("m", topic_prefix, mapping)]
    )
    line = line_of(lines, f"records of {topic_prefix} for m")
    assert line.ok is None
    assert "4 are not meant (where)" in line.text
    assert "lead_time  number     0% usable   0% missing 100% invalid" in line.text
    assert "PRTPRTPRTPRTPRTPRTPRTPR…" in line.text
    assert str(line.remedy).startswith("in no record: nope;")


def test_an_empty_topic_is_a_warning(broker: KafkaBroker, topic_prefix: str) -> None:
    broker.create_topic(topic_prefix)
    lines = live_check(
        client_settings(broker.bootstrap), "x", [CheckedInput("m", topic_prefix, MAPPING)]
    )
    assert line_of(lines, f"records of {topic_prefix} for m").ok is None


def test_it_works_on_the_embedded_broker() -> None:
    with EmbeddedBroker() as embedded:
        kafka = {"bootstrap.servers": embedded.bootstrap}
        with closing(KafkaAdmin(kafka)) as client:
            create_topics(client, "demo")
        assert failing(live_check(kafka, "demo", [])) == set()


def test_without_brokers_nothing_else_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin, "ANSWER_TIMEOUT_SECONDS", 0.5)
    (line,) = live_check({"bootstrap.servers": f"127.0.0.1:{free_port()}"}, "x", [])
    assert (line.ok, line.subject) == (False, "brokers")
    assert "Connection refused" in line.text
    assert "bootstrap.servers" in str(line.remedy)


# A broker that asks who you are -----------------------------------------------------------------

_LOGINS = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    'user_drift="right" user_admin="secret";'
)


@dataclass(frozen=True, slots=True)
class Guarded:
    """A broker, and the address at which it wants a login."""

    broker: KafkaBroker
    address: str

    def login(self, password: str) -> ClientSettings:
        return {
            "bootstrap.servers": self.address,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "drift",
            "sasl.password": password,
            "log_level": 0,
        }

    def allow(self, command: str) -> None:
        """Do what the command line would."""
        parser = ArgumentParser()
        parser.add_argument("--operation", action="append")
        for option in ("bootstrap-server", "allow-principal", "resource-pattern-type"):
            parser.add_argument(f"--{option}")
        parser.add_argument("--add", action="store_true")
        parser.add_argument("--topic")
        parser.add_argument("--group")
        program, *words = shlex.split(command)
        assert program == "kafka-acls.sh"
        asked = parser.parse_args(words)
        kind = ResourceType.TOPIC if asked.topic else ResourceType.GROUP
        pattern = (asked.resource_pattern_type or "literal").upper()
        rules = [
            AclBinding(
                kind, asked.topic or asked.group, ResourcePatternType[pattern],
                asked.allow_principal, "*", AclOperation[_enum_name(operation)],
                AclPermissionType.ALLOW,
            )
            for operation in asked.operation
        ]  # fmt: skip
        client = AdminClient(client_settings(self.broker.bootstrap))
        for answer in client.create_acls(rules).values():
            answer.result()

    def obey(
        self, lines: Sequence[CheckLine], ask: Callable[[], list[CheckLine]]
    ) -> list[CheckLine]:
        """Do what failing lines say, and ask again until nothing new comes up."""
        deadline = time.monotonic() + 30
        while failing(lines) and time.monotonic() < deadline:
            for line in lines:
                if line.ok is False:
                    self.allow(str(line.remedy))
            lines = ask()
        return list(lines)


def _enum_name(operation: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", operation).upper()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Knows the user ``drift``, who may do nothing yet."""
    plain, sasl, controller = (f"127.0.0.1:{free_port()}" for _ in range(3))
    clients = f"PLAINTEXT://{plain},SASL_PLAINTEXT://{sasl}"
    properties = {
        "listeners": f"{clients},CONTROLLER://{controller}",
        "advertised.listeners": clients,
        "controller.quorum.voters": f"1@{controller}",
        "listener.security.protocol.map": (
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT"
        ),
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": _LOGINS,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    broker = KafkaBroker(tmp_path_factory.mktemp("guarded") / "broker", properties)
    broker.bootstrap = plain
    broker.start()
    broker.create_topic("in")
    with closing(KafkaAdmin(client_settings(plain))) as client:
        create_topics(client, "mine")
    yield Guarded(broker, sasl)
    broker.stop()


def test_each_role_can_do_its_work_with_exactly_its_permissions(
    guarded: Guarded, topic_prefix: str, tmp_path: Path
) -> None:
    scene = Scene(guarded.broker, topic_prefix, tmp_path, kafka={**QUICK, **guarded.login("right")})
    commands = acl_commands(guarded.login("right"), topic_prefix, scene.topics)
    for command in commands["topics create"]:
        guarded.allow(command)
    scene.create_topics()
    for command in (*commands["profile"], *commands["detect"]):
        guarded.allow(command)
    with scene.quick_program("profile", "detect") as running:
        pages = running.wait_until_ready()
        scene.produce([*shop.events(0, 40), shop.sentinel(2)])
        wait_for(lambda: pages.total("streamdrift_panes_closed_total") == 1, running.log.read_text)
        for command in commands["check"]:
            guarded.allow(command)
        live = [*ROLES, "notify"]
        lines = live_check(guarded.login("right"), topic_prefix, [], live)
        assert failing(lines) == {f"group {topic_prefix}.notify."}
        assert line_of(lines, "clock").ok
        progress = line_of(lines, f"progress of {topic_prefix}.detect").text
        assert progress.startswith("1 member; ")
        assert running.process.stop() == 0
    assert scene.records(scene.own.state)


INPUTS = [CheckedInput("m", "in", MAPPING)]


def test_a_wrong_password_is_told(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin, "ANSWER_TIMEOUT_SECONDS", 2)
    (line,) = live_check(guarded.login("wrong"), "mine", INPUTS)
    assert line.ok is False
    assert "Authentication failed" in line.text
    assert "wrong" not in line.text
    assert "sasl.password" in str(line.remedy)


def test_a_login_that_is_not_given_is_told(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin, "ANSWER_TIMEOUT_SECONDS", 2)
    (line,) = live_check(client_settings(guarded.address), "mine", INPUTS)
    assert line.ok is False
    assert "security.protocol" in str(line.remedy)


def test_each_missing_permission_is_told_and_its_grant_helps(guarded: Guarded) -> None:
    kafka = guarded.login("right")
    before = live_check(kafka, "mine", INPUTS)
    topics = {"topic in", *(f"topic {spec.name}" for spec in own_topics("mine"))}
    groups = {f"group mine.{name}" for name in ("profile", "detect", "scan")}
    assert failing(before) == topics | groups
    assert line_of(before, "topic in").remedy == (
        f"kafka-acls.sh --bootstrap-server {guarded.address} --add --allow-principal User:drift "
        "--operation Read --topic in"
    )
    after = guarded.obey(before, lambda: live_check(kafka, "mine", INPUTS))
    assert failing(after) == set()
