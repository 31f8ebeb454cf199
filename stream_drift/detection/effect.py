"""How large a change is, from published scores: what a threshold incident says of a feature."""

from __future__ import annotations

import math

from stream_drift.detection.decision import Finding, Unit
from stream_drift.scoring.table import ScoreLine
from stream_drift.scoring.window_scores import WindowScores

QUALITY_SCORES = ("missing", "invalid", "not_finite", "new", "out_of_range", "volume")
UNSIZED_EFFECT_SD = 0.1
"""What severity takes for a finding without an effect size: a notice."""


Sized = tuple[float | None, float | None, float | None]
"""An effect and its interval."""


def finding_of(feature: str | None, score: str, reason: str, scores: WindowScores) -> Finding:
    """The finding for a feature whose ``score`` crossed a limit.

    Numbers show their mean shift in reference sd; categories the root of the debiased psi, which
    for a small shift equals its size in sd; quality scores their share. Severity is judged by
    the greater lower bound of mean shift and root psi, or by the share's.
    """
    line = scores.lines.get((feature, score))
    is_quality = score in QUALITY_SCORES
    if feature is None or line is None:
        sized: Sized = (None, None, None)
        unit: Unit = "sd"
        bound = UNSIZED_EFFECT_SD
    elif is_quality:
        sized, unit, bound = (line.value, line.low, line.high), "share", line.low or 0.0
    else:
        sized, bound = _shift(feature, scores)
        unit = "sd"
    return Finding(
        feature,
        (reason,),
        confirmed=True,
        effect=sized[0],
        effect_low=sized[1],
        effect_high=sized[2],
        unit=unit,
        effect_sd=bound,
        aspect="quality" if is_quality else "distribution",
    )


def _shift(feature: str, scores: WindowScores) -> tuple[Sized, float]:
    """The change of a distribution in sd, and its bound nearest to zero."""
    shift = scores.lines.get((feature, "mean_shift"))
    psi = scores.lines.get((feature, "psi"))
    bound = max(_nearest_to_zero(shift), _root(psi.low if psi else None) or 0.0)
    if shift is not None and shift.value is not None:
        return (shift.value, shift.low, shift.high), bound
    if psi is not None:
        return (_root(psi.value), _root(psi.low), _root(psi.high)), bound
    return (None, None, None), bound


def _nearest_to_zero(line: ScoreLine | None) -> float:
    if line is None or line.low is None or line.high is None or line.low <= 0 <= line.high:
        return 0.0
    return min(abs(line.low), abs(line.high))


def _root(value: float | None) -> float | None:
    return None if value is None else math.sqrt(max(0.0, value))
