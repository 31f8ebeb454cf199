"""The first line of an alert, for the reader on call: what, and how bad."""

from __future__ import annotations

from collections.abc import Sequence

from stream_drift.detection.decision import Finding
from stream_drift.incidents.alert import Kind, Severity, iso

MOST_NAMED = 3


def summary_of(
    monitor: str,
    kind: Kind,
    severity: Severity,
    findings: Sequence[Finding],
    resolved_at_ms: int | None,
) -> str:
    """One sentence: severity and kind, the monitor, and up to three guilty features."""
    if resolved_at_ms is not None:
        return f"{monitor}: {kind.replace('_', ' ')} resolved at {iso(resolved_at_ms)}"
    worst_first = sorted(findings, key=lambda finding: -finding.effect_sd)
    named = "; ".join(_line(finding) for finding in worst_first[:MOST_NAMED])
    more = len(findings) - MOST_NAMED
    rest = f"; and {more} more" if more > 0 else ""
    return f"{severity} {kind.replace('_', ' ')} in {monitor}: {named}{rest}"


def _line(finding: Finding) -> str:
    subject = finding.feature or "all events"
    text = f"{subject}: {finding.reasons[0]}"
    if finding.effect is None:
        return text
    if finding.unit == "share":
        return f"{text}, {100 * finding.effect:+.1f} % of events"
    unit = " sd" if finding.unit == "sd" else ""
    return f"{text}, effect {finding.effect:+.2f}{unit}"
