"""Rules say what they mean, ask only for what there is, and have a page each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from stream_drift.metrics import CATALOGUE
from stream_drift.scoring.catalogue import CATALOGUE as SCORES
from stream_drift.scoring.performance import PERFORMANCE
from tests.support.deploy import ROOT, RULE_FILES, RUNBOOKS, Rule, alerts, load_yaml, rules
from tests.support.promtool import check_rules, unit_test_rules

TESTS = sorted((Path(__file__).parent / "rules").glob("*.yml"))
RECORDED = {rule["record"] for path in RULE_FILES for rule in rules(path) if "record" in rule}


def expected_alerts() -> list[dict[str, Any]]:
    """What the unit tests of rules expect, one for each alert and time."""
    return [
        expected
        for path in TESTS
        for test in load_yaml(path)["tests"]
        for expected in test["alert_rule_test"]
    ]


def test_rules_are_valid() -> None:
    assert len(RULE_FILES) == 3
    check_rules(*RULE_FILES)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_rules_pass_their_unit_tests(path: Path) -> None:
    unit_test_rules(path)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_unit_tests_evaluate_recording_rules_first(path: Path) -> None:
    # promtool takes groups in any order otherwise, and the outcome is chance.
    assert load_yaml(path)["group_eval_order"][0] == "stream-drift-recording"


def test_unit_tests_see_every_alert_quiet_and_firing() -> None:
    quiet = {each["alertname"] for each in expected_alerts() if not each["exp_alerts"]}
    firing = {each["alertname"] for each in expected_alerts() if each["exp_alerts"]}
    names = {rule["alert"] for rule in alerts()}
    assert quiet == firing == names


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_rules_ask_only_for_what_there_is(path: Path) -> None:
    known = {metric.name for metric in CATALOGUE}
    for rule in rules(path):
        expr = rule["expr"]
        assert set(re.findall(r"\w+:streamdrift_\w+:\w+", expr)) <= RECORDED
        assert set(re.findall(r"(?<![:\w])streamdrift_\w+(?!:)\b", expr)) <= known
        for names in re.findall(r'score=~?"([^"]*)"', expr):
            assert set(names.split("|")) <= SCORES.keys() | PERFORMANCE.keys()


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_alert_says_what_to_do_and_does_not_flap(rule: Rule) -> None:
    name, annotations = rule["alert"], rule["annotations"]
    assert set(annotations) == {"summary", "description", "runbook"}
    assert ROOT / annotations["runbook"] == RUNBOOKS / f"{name}.md"
    assert rule["labels"]["severity"] in {"info", "warning", "critical"}
    assert "for" in rule or "keep_firing_for" in rule


def test_every_page_is_of_an_alert_and_has_the_same_parts() -> None:
    pages = {page.stem: page.read_text() for page in RUNBOOKS.glob("*.md")}
    assert pages.keys() == {rule["alert"] for rule in alerts()}
    for name, text in pages.items():
        assert re.findall(r"^#+ .*", text, re.MULTILINE) == [f"# {name}", "## See", "## Do"]


def test_pages_name_only_metrics_that_there_are() -> None:
    known = {metric.name for metric in CATALOGUE}
    for page in RUNBOOKS.glob("*.md"):
        text = page.read_text()
        assert set(re.findall(r"\w+:streamdrift_\w+:\w+", text)) <= RECORDED
        assert set(re.findall(r"(?<![:\w])streamdrift_\w+(?!:)\b", text)) <= known


def test_operations_page_lists_exactly_the_alerts_there_are() -> None:
    listed = (ROOT / "docs" / "operations.md").read_text().partition("\n### Alerts\n")[2]
    rows = [
        f"| [{name}](runbooks/{name}.md) | {path.stem} | {rule['labels']['severity']} |"
        for path in sorted(RULE_FILES, reverse=True)
        for rule in rules(path)
        if (name := rule.get("alert"))
    ]
    assert re.findall(r"^\| \[.*", listed, re.MULTILINE) == rows
