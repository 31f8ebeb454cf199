"""Dashboards and rules are as generated, hang together, and every question has an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from deploy.grafana.generate import DASHBOARDS, SOURCE_UID, files
from stream_drift.demo.config import MONITOR
from stream_drift.demo.loans import DRIFTING_FEATURE
from tests.support.compose import Compose
from tests.support.deploy import DEPLOY, RULE_FILES, alerts, load_yaml, rules

BOARDS: dict[str, Any] = {
    path.stem: json.loads(path.read_text()) for path in sorted(DASHBOARDS.glob("*.json"))
}
PROVISIONING = DEPLOY / "grafana" / "provisioning"
SELECTOR = re.compile(r"(?:\w+:)?streamdrift_\w+(?::\w+)?(?:\{[^}]*\})?|up\{[^}]*\}")

NEEDS_CHANNELS = re.compile("notifications")  # Prometheus owns the page there
NEEDS_LABELS = re.compile("performance|accuracy")  # the demo's stream carries none
CHOSEN = {"$monitor": MONITOR, "$feature": DRIFTING_FEATURE}


def filled(expr: str) -> str:
    for variable, value in CHOSEN.items():
        expr = expr.replace(variable, value)
    return expr


def answer(compose: Compose, expr: str) -> list[Any]:
    """What Prometheus says to a question."""
    query = urlencode({"query": filled(expr)})
    said = json.loads(compose.get("prometheus", f"/api/v1/query?{query}"))
    result: list[Any] = said["data"]["result"]
    return result


def panels() -> Iterator[tuple[str, str]]:
    for name, board in BOARDS.items():
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield f"{name}: {panel['title']}", target["expr"]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_file_is_as_generated(path: Any) -> None:
    assert path.read_text() == files()[path], "run `python -m deploy.grafana.generate`"


def test_every_panel_is_answered(compose: Compose) -> None:
    silent = [title for title, expr in panels() if not answer(compose, expr)]
    assert silent == ["monitor: Performance, where labels come"]


def test_every_choice_has_something_to_choose(compose: Compose) -> None:
    for board in BOARDS.values():
        for variable in board["templating"]["list"]:
            found = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"])
            if found is not None:
                selector, label = found.groups()
                values = {each["metric"][label] for each in answer(compose, selector)}
                assert CHOSEN[f"${label}"] in values


def test_annotations_show_the_open_incident(compose: Compose) -> None:
    for board in BOARDS.values():
        [annotation] = board["annotations"]["list"]
        assert answer(compose, annotation["expr"])


def test_every_series_that_rules_ask_for_is_there(compose: Compose) -> None:
    asked = {
        selector
        for path in RULE_FILES
        for rule in rules(path)
        for selector in SELECTOR.findall(rule["expr"])
        if not NEEDS_LABELS.search(selector) and not NEEDS_CHANNELS.search(selector)
    }
    assert len(asked) > 20
    assert [selector for selector in sorted(asked) if not answer(compose, selector)] == []


def test_every_rule_can_be_asked(compose: Compose) -> None:
    found = {rule["alert"]: answer(compose, rule["expr"]) for rule in alerts()}
    assert found["ModelDrift"]
    assert found["StreamDriftDown"] == []


@pytest.mark.parametrize("name", BOARDS)
def test_dashboard_takes_its_source_from_the_variable_and_links_to_others(name: str) -> None:
    board = BOARDS[name]
    uids = {each["uid"] for each in BOARDS.values()}
    text = json.dumps(board)
    assert board["schemaVersion"] >= 42
    assert set(re.findall(r'"uid": "([^"]+)"', text)) == {board["uid"], "${datasource}"}
    assert set(re.findall(r"/d/([\w-]+)\?", text)) <= uids
    assert [link["tags"] for link in board["links"]] == [["stream-drift"]]
    titles = [panel["title"] for panel in board["panels"]]
    assert len(set(titles)) == len(titles)


def test_alert_rules_are_those_of_prometheus_and_ask_the_provisioned_source() -> None:
    groups = load_yaml(PROVISIONING / "alerting" / "stream-drift.yaml")["groups"]
    found = [rule for group in groups for rule in group["rules"]]
    assert sorted(rule["title"] for rule in found) == sorted(rule["alert"] for rule in alerts())
    assert {rule["data"][0]["datasourceUid"] for rule in found} == {SOURCE_UID}
    [source] = load_yaml(PROVISIONING / "datasources" / "prometheus.yaml")["datasources"]
    assert source["uid"] == SOURCE_UID
    assert all(len(rule["uid"]) <= 40 for rule in found)
    assert not any(re.search(r"(?<!\$)\$(?!\$)", str(rule["labels"])) for rule in found)
