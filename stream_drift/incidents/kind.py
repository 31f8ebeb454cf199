"""What kind of drift the guilty features speak of, before labels say more."""

from __future__ import annotations

from collections.abc import Sequence

from stream_drift.detection.decision import Finding
from stream_drift.incidents.alert import Kind, Recommendation

PREDICTION_FEATURES = ("prediction", "score")


def kind_of(findings: Sequence[Finding]) -> Kind:
    """Performance before quality before predictions before inputs; the first aspect decides."""
    if any(finding.aspect == "performance" for finding in findings):
        return "performance"
    if all(finding.aspect == "quality" for finding in findings):
        return "data_quality"
    if all(finding.feature in PREDICTION_FEATURES for finding in findings):
        return "prediction_drift"
    return "data_drift"


_RECOMMENDATIONS: dict[Kind, tuple[str, str]] = {
    "data_quality": (
        "fix the pipeline",
        "values are missing, invalid or unknown: look upstream before you touch the model",
    ),
    "prediction_drift": (
        "hold and watch",
        "the model answers differently while no input stands out; check its version and labels",
    ),
    "performance": ("retrain", "the model's errors changed"),
    "concept_drift": ("retrain", "the same inputs now lead to other outcomes"),
    "concept_and_data_drift": ("retrain", "inputs and their outcomes both changed"),
    "data_drift": (
        "hold and watch",
        "inputs moved away from the reference; if it is here to stay, retrain on data with it",
    ),
}


def recommend(kind: Kind) -> Recommendation:
    """What to do about a kind of drift."""
    action, reason = _RECOMMENDATIONS[kind]
    return Recommendation(action, reason, None)
