"""The guilty features of an alert: findings with figures and words, bounded in size."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from stream_drift.detection.decision import Finding
from stream_drift.detection.slices.find import FoundSlice
from stream_drift.incidents.alert import GuiltyFeature, WindowInfo, iso
from stream_drift.incidents.kind import PREDICTION_FEATURES
from stream_drift.incidents.words import words_of

Describe = Callable[[str | None, int | None], tuple[dict[str, Any], dict[str, Any]]]
"""Before and after of a feature (``None``: of all events) that moves since a time (ms; ``None``:
since the incident's onset), in figures."""

MOST_FEATURES, MOST_FIGURES, MOST_PICTURES = 200, 60, 20
"""So many features are listed, have figures, and have a histogram: an alert stays small."""
_PICTURE = "histogram"


@dataclass(frozen=True, slots=True)
class Shown:
    """The events that show a change.

    Attributes
    ----------
    window
        The time they are from, and how many there are.
    before
        What they are compared with, packed, where it will have left the window later.
    find
        Segments of rows with a condition on one of these features; ``None`` without rows.
    """

    window: WindowInfo
    describe: Describe
    before: bytes | None = None
    find: Callable[[Collection[str]], Sequence[FoundSlice]] | None = None


Show = Callable[[str | None, int, bytes | None], Shown]
"""Shows a window by name, or what is since an onset (ms), compared with ``before`` if given."""


def guilty_features(findings: Sequence[Finding], shown: Shown | None) -> tuple[GuiltyFeature, ...]:
    """Findings as they stand in an alert, the worst first; ``None``: there are no events.

    Where nothing but predictions moved, the predicted class leads: people know what it means.
    """
    answers_only = all(finding.feature in PREDICTION_FEATURES for finding in findings)

    def order(finding: Finding) -> tuple[bool, float]:
        return answers_only and finding.feature != PREDICTION_FEATURES[0], -finding.effect_sd

    worst_first = sorted(findings, key=order)[:MOST_FEATURES]
    return tuple(_guilty(finding, shown, place) for place, finding in enumerate(worst_first))


def _guilty(finding: Finding, shown: Shown | None, place: int) -> GuiltyFeature:
    before, after = ({}, {}) if shown is None else shown.describe(finding.feature, finding.since_ms)
    feature = GuiltyFeature(
        finding.feature,
        finding.reasons,
        finding.confirmed,
        finding.effect,
        finding.effect_low,
        finding.effect_high,
        finding.unit,
        None,
        before,
        after,
        since=None if finding.since_ms is None else iso(finding.since_ms),
    )
    return _bounded(msgspec.structs.replace(feature, words=words_of(feature)), place)


def _bounded(feature: GuiltyFeature, place: int) -> GuiltyFeature:
    if place < MOST_PICTURES:
        return feature
    keep = place < MOST_FIGURES
    before, after = (
        {key: value for key, value in side.items() if keep and key != _PICTURE}
        for side in (feature.before, feature.after)
    )
    return msgspec.structs.replace(feature, before=before, after=after)
