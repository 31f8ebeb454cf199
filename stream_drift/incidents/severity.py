"""How bad: from the bound of the greatest effect that lies nearest to zero."""

from __future__ import annotations

from collections.abc import Iterable

from stream_drift.detection.decision import Finding
from stream_drift.incidents.alert import Severity

BANDS_SD: tuple[tuple[float, Severity], ...] = ((0.5, "severe"), (0.25, "major"), (0.1, "notice"))
"""From this many reference sd (or shares of events) on; below all of them: minor."""


def severity_of(findings: Iterable[Finding]) -> Severity:
    """The severity of the worst finding."""
    worst = max((finding.effect_sd for finding in findings), default=0.0)
    return next((name for bound, name in BANDS_SD if worst >= bound), "minor")
