"""The order in which an alert names what moved."""

from __future__ import annotations

from stream_drift.detection.decision import Finding
from stream_drift.incidents.alert import WindowInfo
from stream_drift.incidents.guilty import Shown, guilty_features

WINDOW = WindowInfo("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", 100, complete=True)
CHURN = {"shares": {"churn": 0.05}}, {"shares": {"churn": 0.30}}


def finding(feature: str, effect_sd: float, reason: str = "location up") -> Finding:
    sized = 0.25, 0.2, 0.3
    confirmed = True
    return Finding(feature, (reason,), confirmed, *sized, "share", effect_sd)


def test_the_worst_feature_comes_first() -> None:
    found = guilty_features([finding("age", 0.1), finding("prediction", 0.2)], None)
    assert [feature.name for feature in found] == ["prediction", "age"]
    found = guilty_features([finding("age", 0.3), finding("prediction", 0.2)], None)
    assert [feature.name for feature in found] == ["age", "prediction"]


def test_where_only_predictions_moved_the_predicted_class_is_the_first_line() -> None:
    shown = Shown(WINDOW, lambda feature, since: CHURN if feature == "prediction" else ({}, {}))
    moved = [finding("score", 0.9), finding("prediction", 0.2, "category 'churn' up")]
    first, second = guilty_features(moved, shown)
    assert first.words.startswith("'churn' 5 % → 30 %")
    assert second.name == "score"
