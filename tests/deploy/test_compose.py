"""The compose file is valid, and its services do together what it promises."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from stream_drift.config.load import load_settings
from stream_drift.demo.config import INPUT_TOPIC, MONITOR
from stream_drift.demo.loans import CATEGORIES, NUMBERS
from tests.support.compose import COMPOSE, Compose
from tests.support.deploy import DEPLOY, ROOT, load_yaml

SERVICES: dict[str, Any] = load_yaml(COMPOSE)["services"]


def test_file_follows_the_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, COMPOSE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_pinned_local_and_checked(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+", service["image"])
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    ends = "restart" not in service
    assert ends or "healthcheck" in service
    for other, waiting in service.get("depends_on", {}).items():
        wanted = (
            "service_healthy" if "restart" in SERVICES[other] else "service_completed_successfully"
        )
        assert waiting["condition"] == wanted
    for volume in service.get("volumes", []):
        source = volume.partition(":")[0]
        assert not source.startswith("./") or (ROOT / source).exists()


def test_configuration_watches_what_the_demo_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BROKERS", raising=False)
    settings = load_settings(DEPLOY / "compose" / "stream-drift.yaml")
    [monitor] = settings.monitors
    assert monitor.name == MONITOR
    assert [source.topic for source in monitor.inputs] == [INPUT_TOPIC]
    assert [feature.name for feature in monitor.features] == [*NUMBERS, *CATEGORIES]
    assert settings.kafka["bootstrap.servers"] == "kafka:19092"


# What takes long is spread over tests, so that each keeps within the time that one may take.


def test_broker_check_is_content_with_a_broker(prepared: Compose) -> None:
    assert prepared.is_healthy("kafka")


def test_services_become_healthy_one_after_the_other(started: Compose) -> None:
    assert all(started.is_healthy(name) for name in started.ports)


def test_topics_may_be_there_already(prepared: Compose) -> None:
    prepared.run("topics")


def test_drift_goes_from_the_producer_to_the_receiver(compose: Compose) -> None:
    assert "drift begins" in compose.log("producer")
    said = compose.get("receiver", "/")
    assert said.count("firing ModelDrift loan-approval") == 1
    assert said in compose.log("receiver")


def test_rules_are_evaluated_and_alerts_known_to_prometheus(compose: Compose) -> None:
    groups = json.loads(compose.get("prometheus", "/api/v1/rules"))["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert [rule["lastError"] for rule in rules if rule.get("lastError")] == []
    [target] = json.loads(compose.get("prometheus", "/api/v1/targets"))["data"]["activeTargets"]
    assert target["health"] == "up"
    firing = {rule["name"] for rule in rules if rule.get("alerts")}
    assert "ModelDrift" in firing
    assert not firing & {"StreamDriftDown", "DriftMonitorBlind", "DriftDataMissing"}


def test_health_check_of_a_service_that_is_not_there_fails(compose: Compose) -> None:
    alone = Compose(compose.folder / "alone", compose.broker)
    assert not any(alone.is_healthy(name) for name in alone.ports)
