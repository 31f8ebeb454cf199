"""What the roles know, as samples of the metric catalogue; computes nothing.

Asked from HTTP threads while the roles go on: reads plain values and copies of what may grow.
"""

from __future__ import annotations

import math
from collections import Counter as Tally
from collections.abc import Iterable
from datetime import datetime

from stream_drift import metrics
from stream_drift.detection.baseline import STAGES
from stream_drift.metrics import Sample
from stream_drift.runtime.detect_role import DetectRole
from stream_drift.runtime.live_detector import LiveDetector
from stream_drift.runtime.profile_role import ProfileRole
from stream_drift.scoring.table import ScoreLine
from stream_drift.scoring.window_scores import PANE_WINDOW


def profile_samples(role: ProfileRole) -> Iterable[Sample]:
    """Events, rejects and late ones of this process, and its lag."""
    for (monitor, topic), totals in list(role.totals.items()):
        yield metrics.EVENTS, (monitor, topic), totals.events
        yield metrics.LATE_EVENTS, (monitor, topic), totals.late
        for reason, count in list(totals.rejected.items()):
            yield metrics.REJECTED_EVENTS, (monitor, topic, reason), count
    for topic, count in list(role.copies.copied.items()):
        yield metrics.REJECTS_COPIED, (topic,), count
    for topic, count in list(role.copies.not_copied.items()):
        yield metrics.REJECTS_NOT_COPIED, (topic,), count
    yield metrics.PARTITIONS_ASSIGNED, ("profile",), len(role.positions)
    yield metrics.REBALANCES, ("profile",), role.n_rebalances
    yield from _lag(role.lag)


def detect_samples(role: DetectRole) -> Iterable[Sample]:
    """Scores and incidents of the monitors that this process owns and that are up to date."""
    yield metrics.PARTITIONS_ASSIGNED, ("detect",), len(role.positions)
    yield metrics.REBALANCES, ("detect",), role.n_rebalances
    yield from _lag(role.lag)
    for live in role.live:
        if live.is_current:
            yield from _monitor(live)


def notify_samples(channel: str, tally: Tally[str]) -> Iterable[Sample]:
    """What became of alerts on their way to a channel."""
    for outcome in metrics.NOTIFY_OUTCOMES:
        yield metrics.NOTIFICATIONS, (channel, outcome), tally[outcome]


def _lag(lag: dict[tuple[str, int], int]) -> Iterable[Sample]:
    for (topic, number), records in list(lag.items()):
        yield metrics.CONSUMER_LAG, (topic, str(number)), records


def _monitor(live: LiveDetector) -> Iterable[Sample]:
    detector, monitor = live.detector, live.monitor
    reference = detector.reference
    created = datetime.fromisoformat(reference.created_at).timestamp()
    version = detector.settings.model_version or ""
    yield metrics.MONITOR_INFO, (monitor, version, reference.id), 1
    yield metrics.REFERENCE_EVENTS, (monitor,), reference.n
    yield metrics.REFERENCE_CREATED, (monitor,), created
    yield metrics.PANES_CLOSED, (monitor,), live.n_panes
    yield metrics.AFTER_CLOSE_EVENTS, (monitor,), detector.panes.n_after_close
    yield metrics.CHAIN_GAPS, (monitor,), live.n_gaps
    if live.clock_ms is not None:
        yield metrics.WATERMARK, (monitor,), live.clock_ms / 1000
    if live.checkpoint_ms is not None:
        yield metrics.CHECKPOINT, (monitor,), live.checkpoint_ms / 1000
    if live.pane_closed_ms is not None:
        yield metrics.PANE_CLOSED, (monitor,), live.pane_closed_ms / 1000
        yield metrics.BASELINE_SINCE, (monitor,), live.stage_since_ms / 1000
    for feature, ratio in live.evidence.items():
        yield metrics.EVIDENCE_RATIO, (monitor, feature or ""), ratio
    for state in STAGES:
        yield metrics.BASELINE_STATE, (monitor, state), float(live.stage == state)
    yield from _outlook(live)
    yield from _labels(live)
    yield from _incidents(live)
    yield from _scores(live)


def _outlook(live: LiveDetector) -> Iterable[Sample]:
    outlook = live.outlook
    if outlook is None:
        return
    yield metrics.AUDIT_FACTOR, (live.monitor,), outlook.baseline.audit_factor
    yield metrics.UNARMABLE_DIRECTIONS, (live.monitor,), len(outlook.baseline.unarmable)
    for shift, delay_ms in outlook.delays_ms:
        seconds = math.inf if delay_ms is None else delay_ms / 1000
        yield metrics.EXPECTED_DELAY, (live.monitor, f"{shift:g}"), seconds
    for offset in outlook.offsets:
        if offset.kind == "location":
            yield metrics.STANDING_OFFSET, (live.monitor, offset.feature), offset.offset


def _labels(live: LiveDetector) -> Iterable[Sample]:
    join = live.detector.performance.join
    if join is not None:
        yield metrics.LABELS, (live.monitor,), join.n_labels
        yield metrics.PREDICTIONS_WAITING, (live.monitor,), join.n_rows
        for reason, count in join.n_unmatched.items():
            yield metrics.LABELS_UNMATCHED, (live.monitor, reason), count


def _incidents(live: LiveDetector) -> Iterable[Sample]:
    severities = Tally(
        (incident.opened.policy, incident.severity)
        for incident in list(live.detector.book.open.values())
    )
    for (policy, severity), count in severities.items():
        yield metrics.INCIDENTS_OPEN, (live.monitor, policy, severity), count


def _scores(live: LiveDetector) -> Iterable[Sample]:
    if live.last_matured is not None:
        for line in live.last_matured.lines:
            if line.value is not None:
                yield metrics.SCORE, (live.monitor, "", line.score, PANE_WINDOW), line.value
    if live.last_pane is None:
        return
    for window in live.last_pane.scores:
        name = window.name
        yield metrics.WINDOW_EVENTS, (live.monitor, name), window.profile.events
        for line in sorted(window.lines.values(), key=_prominence):
            if line.value is not None:
                labels = (live.monitor, line.feature or "", line.score, name)
                yield metrics.SCORE, labels, line.value


def _prominence(line: ScoreLine) -> bool:
    """Predictions first: where series are withheld, the last features go."""
    return line.feature not in {None, "prediction", "score"}
