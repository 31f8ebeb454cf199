"""How large a change is, from published scores: what a threshold incident says of a feature."""

from __future__ import annotations

import math

from stream_drift.detection.decision import Finding
from stream_drift.scoring.table import ScoreLine
from stream_drift.scoring.window_scores import WindowScores

QUALITY_SCORES = ("missing", "invalid", "not_finite", "new", "out_of_range", "volume")
UNSIZED_EFFECT_SD = 0.1
"""What severity takes for a finding without an effect size: a notice."""


def finding_of(feature: str | None, score: str, reason: str, scores: WindowScores) -> Finding:
    """The finding for a feature whose ``score`` crossed a limit.

    Numbers show their mean shift in reference sd; categories the root of the debiased psi, which
    for a small shift equals its size in sd; quality scores their share. Severity is judged by
    the greater lower bound of mean shift and root psi, or by the share's.
    """
    line = scores.lines.get((feature, score))
    if feature is None or line is None:
        aspect = "quality" if score in QUALITY_SCORES else "distribution"
        return Finding(
            feature, (reason,), True, None, None, None, "sd", UNSIZED_EFFECT_SD, aspect  # type: ignore[arg-type]  # one of two literals
        )
    if score in QUALITY_SCORES:
        low = line.low or 0.0
        return Finding(
            feature, (reason,), True, line.value, line.low, line.high, "share", low, "quality"
        )
    shift = scores.lines.get((feature, "mean_shift"))
    psi = scores.lines.get((feature, "psi"))
    bound = max(_nearest_to_zero(shift), _root(psi.low if psi else None) or 0.0)
    if shift is not None and shift.value is not None:
        sized = (shift.value, shift.low, shift.high)
    elif psi is not None:
        sized = (_root(psi.value), _root(psi.low), _root(psi.high))
    else:
        sized = (None, None, None)
    return Finding(feature, (reason,), True, *sized, "sd", bound)


def _nearest_to_zero(line: ScoreLine | None) -> float:
    if line is None or line.low is None or line.high is None or line.low <= 0 <= line.high:
        return 0.0
    return min(abs(line.low), abs(line.high))


def _root(value: float | None) -> float | None:
    return None if value is None else math.sqrt(max(0.0, value))
