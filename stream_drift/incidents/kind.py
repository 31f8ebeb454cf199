"""What kind of drift the guilty features speak of, or the labels."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stream_drift.detection.decision import Diagnosis, Finding
from stream_drift.detection.strata import Part
from stream_drift.incidents.alert import Kind, KindPart, KindParts

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
