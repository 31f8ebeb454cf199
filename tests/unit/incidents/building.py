"""Alerts to write about."""

from __future__ import annotations

from typing import Any

from stream_drift.incidents.alert import (
    AlertData,
    BaselineInfo,
    BudgetState,
    GuiltyFeature,
    OnsetTimes,
    Recommendation,
    ReferenceInfo,
    WindowInfo,
)

NUMBER_BEFORE = {"of": "reference", "n": 9_000, "missing": 0.001, "mean": 96.2, "sd": 107.0}
NUMBER_AFTER = {"n": 800, "missing": 0.12, "mean": 141.0, "sd": 106.0}


def feature(
    *reasons: str,
    name: str | None = "lead_time",
    effect: tuple[float, float, float] | None = (0.42, 0.35, 0.49),
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    unit: Any = "sd",
    words: str = "",
) -> GuiltyFeature:
    size, low, high = effect or (None, None, None)
    old = NUMBER_BEFORE if before is None else before
    new = NUMBER_AFTER if after is None else after
    return GuiltyFeature(
        name,
        reasons,
        confirmed=True,
        effect=size,
        effect_low=low,
        effect_high=high,
        unit=unit,
        contribution=None,
        before=old,
        after=new,
        words=words,
    )


def data(*features: GuiltyFeature, **changes: Any) -> AlertData:
    given: dict[str, Any] = {
        "incident": "b2d4bc50866cbb4d",
        "monitor": "hotel-cancellation",
        "model_version": "3",
        "status": "open",
        "change": "opened",
        "severity": "major",
        "kind": "data_drift",
        "policy": "budget",
        "opened_at": "2026-09-21T17:35:00Z",
        "detected_at": "2026-09-21T17:35:00Z",
        "onset": OnsetTimes("2026-09-21T14:25:00Z", "2026-09-21T14:10:00Z", "2026-09-21T14:40:00Z"),
        "resolved_at": None,
        "related_to": None,
        "budget": BudgetState(1, promised=False, evidence=12_000.0, threshold=8_640.0),
        "features": features,
        "reference": ReferenceInfo("eb41dc3c60c1d1b5", "2026-08-01T00:00:00Z", 9_000),
        "baseline": BaselineInfo("provisional", "2026-09-01T00:00:00Z"),
        "window": WindowInfo("2026-09-21T14:25:00Z", "2026-09-21T17:35:00Z", 800, complete=True),
        "recommendation": Recommendation("hold and watch", "it may pass", None),
        "summary": "",
        "dedup_key": "b2d4bc50866cbb4d",
        "links": {},
        "labels": {},
    }
    return AlertData(**given | changes)
