"""Commands that talk to brokers, as an operator calls them."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from stream_drift.kafka.admin import KafkaAdmin
from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.kafka_log import client_settings
from tests.support.ports import free_port
from tests.support.program import cli, wait_for
from tests.support.scene import N_OWN_PARTITIONS, Scene

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def scene(broker: KafkaBroker, topic_prefix: str, tmp_path: Path) -> Scene:
    return Scene(broker, topic_prefix, tmp_path)


@pytest.fixture
def incident(scene: Scene) -> str:
    """Its id; the incident stays open."""
    scene.create_topics()
    for pane in range(8):
        scene.produce(shop.events(pane, 40, shift=3.0 if pane >= 5 else 0.0))
    scene.produce([shop.sentinel(8)])
    with scene.service() as service:
        service.wait_for_panes(shop.starts(*range(8)))
        return scene.wait_for_alert("opened").data.incident


def say(capsys: Capture, *arguments: str, exit_code: int = 0) -> str:
    """What a command prints on stdout."""
    capsys.readouterr()
    cli(*arguments, exit_code=exit_code)
    return capsys.readouterr().out


def settings_of(scene: Scene, topic: str) -> dict[str, str]:
    with closing(KafkaAdmin(client_settings(scene.broker.bootstrap))) as admin:
        return admin.configs([topic])[topic]


# topics -----------------------------------------------------------------------------------------


def test_topics_are_created_once_with_the_settings_they_need(scene: Scene, capsys: Capture) -> None:
    arguments = ("topics", "create", "-c", str(scene.config), "--partitions", "3")
    wanted = {scene.own.profiles, scene.own.state, scene.own.alerts, scene.own.rejects}
    dry = say(capsys, *arguments, "--dry-run")
    assert {line.split("--topic ")[1].split()[0] for line in dry.splitlines()} == wanted
    assert "--replication-factor" not in dry
    copied = say(capsys, *arguments, "--dry-run", "--replication-factor", "2")
    assert copied.count("--replication-factor 2") == 4
    client = AdminClient(client_settings(scene.broker.bootstrap))
    assert not wanted & client.list_topics(timeout=10).topics.keys()

    assert say(capsys, *arguments).count(": created") == 4
    assert say(capsys, *arguments).count(": exists") == 4
    scene.broker.wait_for_leaders()
    topics = client.list_topics(timeout=10).topics
    assert {len(topics[name].partitions) for name in wanted} == {3}
    assert settings_of(scene, scene.own.profiles)["message.timestamp.type"] == "LogAppendTime"
    assert settings_of(scene, scene.own.profiles)["cleanup.policy"] == "delete"
    assert settings_of(scene, scene.own.state)["cleanup.policy"] == "compact"


# incidents --------------------------------------------------------------------------------------


def test_incidents_are_listed_and_shown(scene: Scene, incident: str, capsys: Capture) -> None:
    at = ("-c", str(scene.config))
    listed = json.loads(say(capsys, "incidents", "list", *at, "--output", "json"))
    assert incident in {entry["data"]["incident"] for entry in listed}
    assert {entry["data"]["status"] for entry in listed} == {"open"}
    table = say(capsys, "incidents", "list", *at)
    assert incident in table
    assert "monitor" in table.splitlines()[0]
    shown = json.loads(say(capsys, "incidents", "show", incident[:10], *at, "--output", "json"))
    assert shown["subject"] == shown["data"]["incident"] == incident
    say(capsys, "incidents", "show", "no-such-id", *at, exit_code=2)


def test_an_operators_word_reaches_the_running_service(
    scene: Scene, incident: str, capsys: Capture
) -> None:
    at = ("-c", str(scene.config), "--by", "eve")
    with scene.service():
        say(capsys, "incidents", "ack", incident, *at)
        assert scene.wait_for_alert("acknowledged").data.incident == incident
        say(capsys, "incidents", "mute", incident, *at, "--for", "2h")
        assert scene.wait_for_alert("muted").data.incident == incident
        deploy = ("mark-deploy", *at, "--monitor", shop.MONITOR, "--version", "7")
        assert "version 7" in say(capsys, "incidents", *deploy)
        say(capsys, "incidents", "ack", incident, *at)
        wait_for(
            lambda: scene.alerts()[-1].data.labels.get("deployed_version") == "7",
            lambda: str([(a.data.change, a.data.labels) for a in scene.alerts()]),
        )
    versions = {a.data.labels.get("deployed_version") for a in scene.alerts()[:-1]}
    assert versions == {None}


def test_a_word_for_a_monitor_that_is_not_there_is_refused(scene: Scene, capsys: Capture) -> None:
    at = ("-c", str(scene.config), "--monitor", "shoop", "--version", "7")
    say(capsys, "incidents", "mark-deploy", *at, exit_code=2)


# check --live -----------------------------------------------------------------------------------


def lines(scene: Scene, capsys: Capture, exit_code: int) -> list[str]:
    text = say(capsys, "check", "-c", str(scene.config), "--live", exit_code=exit_code)
    return text.splitlines()


def failing(said: list[str]) -> list[str]:
    return [line for line in said if line.startswith("FAIL ")]


def test_check_live_finds_nothing_where_all_is_well(scene: Scene, capsys: Capture) -> None:
    scene.create_topics()
    scene.produce(shop.events(0, 30))
    said = lines(scene, capsys, 0)
    assert failing(said) == []
    assert said[-1] == "OK"
    assert any("of the last 30 records 30 are events" in line for line in said)


def test_check_live_names_what_is_missing_and_what_is_wrong(scene: Scene, capsys: Capture) -> None:
    """No input topic, profiles without append time, and the others as they should be."""
    scene.broker.create_topic(scene.own.profiles, N_OWN_PARTITIONS)
    scene.create_own_topics()
    bad = failing(lines(scene, capsys, 1))
    assert len(bad) == 2
    assert f"topic {scene.topic}: does not exist" in bad[0]
    assert f"topic {scene.own.profiles}: " in bad[1]
    assert "message.timestamp.type is CreateTime, not LogAppendTime" in bad[1]


def test_check_live_names_records_that_do_not_decode(scene: Scene, capsys: Capture) -> None:
    scene.create_topics()
    scene.append([(shop.T0, b"<xml/>")] * 20)
    [bad] = failing(lines(scene, capsys, 1))
    assert f"records of {scene.topic} for {shop.MONITOR}" in bad
    assert "20 rejected as decode" in bad


def test_a_command_says_where_no_broker_answers_and_what_to_do(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("stream_drift.kafka.admin.CONTACT_TIMEOUT_SECONDS", 1)
    nobody = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("STREAMDRIFT__KAFKA__BOOTSTRAP.SERVERS", nobody)
    for command in (("topics", "create"), ("incidents", "list")):
        capsys.readouterr()
        cli(*command, "-c", str(scene.config), exit_code=1)
        said = capsys.readouterr().err
        assert f"no broker answers at {nobody}" in said
        assert "Connection refused" in said
        assert "check that bootstrap.servers below kafka: is right" in said


def test_check_live_names_brokers_that_do_not_answer(
    scene: Scene, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream_drift.kafka.admin.ANSWER_TIMEOUT_SECONDS", 1)
    nobody = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("STREAMDRIFT__KAFKA__BOOTSTRAP.SERVERS", nobody)
    [bad] = failing(lines(scene, capsys, 1))
    assert bad.startswith("FAIL  brokers: ")
    assert nobody in bad
    assert "Connection refused" in bad
