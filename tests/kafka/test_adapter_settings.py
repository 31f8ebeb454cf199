"""The user's client settings and ours."""

from __future__ import annotations

import pytest

from stream_drift.errors import ConfigError
from stream_drift.kafka.admin import KafkaAdmin
from stream_drift.kafka.client_config import (
    conflicts,
    reader_config,
    redacted,
    scanner_config,
    writer_config,
)
from stream_drift.kafka.connection import KafkaLog
from stream_drift.runtime.clock import now_ms

USER = {"bootstrap.servers": "b:9092", "sasl.password": "p", "fetch.min.bytes": "1"}


def test_settings_are_passed_on_unchanged_and_win_over_defaults() -> None:
    assert reader_config(USER, "g").items() >= USER.items()
    assert reader_config(USER, "g")["group.id"] == "g"
    assert writer_config({"linger.ms": "7"})["linger.ms"] == "7"


def test_each_kind_of_client_gets_what_is_meant_for_it() -> None:
    user = {"fetch.min.bytes": "1", "group.protocol": "consumer", "linger.ms": "7", "debug": "eos"}
    assert writer_config(user).keys() & user.keys() == {"linger.ms", "debug"}
    assert scanner_config(user, "g").keys() & user.keys() == user.keys() - {"linger.ms"}


def test_partitions_move_one_by_one_in_both_protocols() -> None:
    assert reader_config({}, "g")["partition.assignment.strategy"] == "cooperative-sticky"
    kip_848 = reader_config({"group.protocol": "consumer"}, "g")
    assert "partition.assignment.strategy" not in kip_848


def test_what_exact_counting_rests_on_cannot_be_set_otherwise() -> None:
    wrong = {
        "enable.auto.commit": "true",
        "auto.offset.reset": "earliest",
        "isolation.level": "read_uncommitted",
        "enable.idempotence": "false",
        "acks": "1",
        "partition.assignment.strategy": "range",
        "group.id": "mine",
        "transactional.id": "mine",
    }
    assert conflicts(wrong).keys() == wrong.keys()
    with pytest.raises(ConfigError, match=r"auto\.offset\.reset must be 'error' here"):
        reader_config(wrong, "g")
    with pytest.raises(ConfigError, match="acks"):
        writer_config(wrong)


@pytest.mark.parametrize("value", ["False", "false", False])
def test_saying_what_is_so_anyway_is_no_conflict(value: object) -> None:
    assert conflicts({"enable.auto.commit": value, "acks": "-1"}) == {}


def test_secrets_are_not_shown() -> None:
    secrets = {
        "sasl.password": "x",
        "ssl.key.password": "x",
        "ssl.key.pem": "x",
        "sasl.oauthbearer.client.secret": "x",
        "sasl.oauthbearer.config": "x",
        "ssl.keystore.password": "x",
    }
    assert set(redacted(secrets).values()) == {"***"}
    shown = {"bootstrap.servers": "b:9092", "sasl.username": "drift", "client.id": "7"}
    assert redacted(shown) == shown


def test_a_setting_that_librdkafka_does_not_know_is_a_mistake_of_the_config() -> None:
    with pytest.raises(ConfigError, match=r"fetch\.min\.bites"):
        KafkaAdmin({"fetch.min.bites": "1"})


def test_every_client_refuses_settings_that_cannot_be() -> None:
    log = KafkaLog({"client.rack": "a"}, "x", now_ms)
    log.close()
    bad = {"session.timeout.ms": "1000", "group.protocol": "consumer"}
    with_bad = KafkaLog(bad, "x", now_ms)
    with pytest.raises(ConfigError, match=r"session\.timeout\.ms"):
        with_bad.reader("g")
    with_bad.close()
