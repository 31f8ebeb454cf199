"""The first rule that applies decides what to do; every rule decides some case."""

from __future__ import annotations

from typing import Any

import pytest

from stream_drift.incidents.alert import WindowInfo
from stream_drift.incidents.recommend import RULES, Case, recommend
from tests.unit.incidents.building import data, feature

LATE = WindowInfo("2026-09-21T14:25:00Z", "2026-09-25T14:25:00Z", 800, complete=True)
RETRAIN, REVERT = "retrain including the drifted window", "revert to the previous version"
DEPLOYED = {"labels": {"deployed_version": "4"}}
CASES: list[tuple[str, str, dict[str, Any], str, str | None]] = [
    ("nothing to do", "location up", {"resolved_at": "2026-09-22T14:25:00Z"}, "", "recovered"),
    ("nothing to do", "location up", {}, "", "accepted"),
    (RETRAIN, "location up", {}, "", "stale"),
    ("fix the pipeline", "no event for 30 min", {"kind": "data_quality"}, "", None),
    ("engineer or drop the feature", "new category up", {"kind": "data_quality"}, "", None),
    ("fix the pipeline", "missing up", {"kind": "data_quality"}, "", None),
    (REVERT, "location up", {"kind": "prediction_drift"} | DEPLOYED, "", None),
    ("recalibrate", "log loss 0.3 → 0.4", {"kind": "performance"}, "", None),
    (RETRAIN, "error 3 % → 9 %", {"kind": "concept_drift"}, "", None),
    ("re-weight", "location up", {}, "the mix", None),
    ("hold and watch", "location up", {"kind": "prediction_drift"}, "", None),
    (RETRAIN, "location up", {"window": LATE}, "", None),
    ("hold and watch", "location up", {}, "", None),
]  # fmt: skip


def test_every_rule_decides_one_of_the_cases_below() -> None:
    decided = []
    for _, reason, changes, diagnosis, ended in CASES:
        case = Case(data(feature(reason), **changes), diagnosis, ended)
        decided.append(next(i for i, rule in enumerate(RULES) if rule.applies(case)))
    assert decided == list(range(len(RULES)))


@pytest.mark.parametrize(("action", "reason", "changes", "diagnosis", "ended"), CASES)
def test_what_to_do_has_a_reason_and_a_command(
    action: str, reason: str, changes: dict[str, Any], diagnosis: str, ended: str | None
) -> None:
    advice = recommend(Case(data(feature(reason), **changes), diagnosis, ended))
    assert advice.action == action
    assert diagnosis in advice.reason
    assert advice.command is not None
    assert "{" not in advice.reason + advice.command


def test_a_temporary_change_says_how_long_it_lasted() -> None:
    shown = data(feature("location up"), resolved_at="2026-09-22T14:25:00Z")
    assert "went away after 1 d" in recommend(Case(shown, "", "recovered")).reason
