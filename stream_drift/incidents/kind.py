"""What kind of drift the guilty features speak of, or the labels, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stream_drift.detection.decision import Diagnosis, Finding
from stream_drift.detection.strata import Part
from stream_drift.incidents.alert import Kind, KindPart, KindParts, Recommendation

PREDICTION_FEATURES = ("prediction", "score")


def kind_of(findings: Sequence[Finding], diagnosis: Diagnosis | None = None) -> Kind:
    """What labels show; else performance before quality before predictions before inputs."""
    if diagnosis is not None:
        return diagnosis.kind
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


def recommend(kind: Kind, diagnosis: Diagnosis | None = None) -> Recommendation:
    """What to do about a kind of drift, and what the labels say of it."""
    action, reason = _RECOMMENDATIONS[kind]
    more = "" if diagnosis is None else f": {diagnosis.why}"
    return Recommendation(action, f"{reason}{more}", None)


def parts_of(diagnosis: Diagnosis | None) -> KindParts | msgspec.UnsetType:
    """The parts of a change of the error rate, as alerts show them."""
    if diagnosis is None:
        return msgspec.UNSET
    parts = diagnosis.parts
    return KindParts(
        parts.before, parts.after, _part(parts.data), _part(parts.concept), diagnosis.why
    )


def _part(part: Part) -> KindPart:
    return KindPart(part.value, part.low, part.high)
