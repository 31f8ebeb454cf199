"""Every metric that is exposed, listed once; who measures one yields samples of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as scraped: counters end in ``_total``, units are base units.

    Attributes
    ----------
    labels
        Their names, in the order of the values in a `Sample`.
    help
        One sentence, as shown by Prometheus and in ``docs/metrics.md``.
    """

    name: str
    kind: Literal["gauge", "counter"]
    labels: tuple[str, ...]
    help: str


Sample = tuple[Metric, tuple[str, ...], float]
"""A metric, the values of its labels, and what it is now."""


# What the models do ------------------------------------------------------------------------------

SCORE = Metric(
    "streamdrift_score",
    "gauge",
    ("monitor", "feature", "score", "window"),
    "Published score of a window at the newest closed pane; feature is empty for the model.",
)
EVIDENCE_RATIO = Metric(
    "streamdrift_evidence_ratio",
    "gauge",
    ("monitor", "feature"),
    "Evidence over what opens an incident (1); feature is empty for all together.",
)
BASELINE_STATE = Metric(
    "streamdrift_baseline_state",
    "gauge",
    ("monitor", "state"),
    "1 for the state that the baseline is in: learning, provisional or armed; else 0.",
)
BASELINE_SINCE = Metric(
    "streamdrift_baseline_since_timestamp_seconds",
    "gauge",
    ("monitor",),
    "Event time since which the baseline is in its state.",
)
AUDIT_FACTOR = Metric(
    "streamdrift_audit_factor",
    "gauge",
    ("monitor",),
    "What the noise of the baseline is multiplied by, since clean days were noisier than it.",
)
UNARMABLE_DIRECTIONS = Metric(
    "streamdrift_unarmable_directions",
    "gauge",
    ("monitor",),
    "Directions of features that open nothing: trending, too few events, or still new.",
)
EXPECTED_DELAY = Metric(
    "streamdrift_expected_delay_seconds",
    "gauge",
    ("monitor", "shift"),
    "When a shift of a mean (in reference sd) would be found at this volume; +Inf: not in weeks.",
)
STANDING_OFFSET = Metric(
    "streamdrift_standing_offset",
    "gauge",
    ("monitor", "feature"),
    "Mean of the baseline less that of the reference, in reference sd; never an alarm.",
)
INCIDENTS_OPEN = Metric(
    "streamdrift_incidents_open",
    "gauge",
    ("monitor", "policy", "severity"),
    "Incidents that are open now.",
)
WINDOW_EVENTS = Metric(
    "streamdrift_window_events",
    "gauge",
    ("monitor", "window"),
    "Events in the window that ends at the newest closed pane.",
)
REFERENCE_EVENTS = Metric(
    "streamdrift_reference_events",
    "gauge",
    ("monitor",),
    "Events that the reference was built from.",
)
REFERENCE_CREATED = Metric(
    "streamdrift_reference_created_timestamp_seconds",
    "gauge",
    ("monitor",),
    "Time at which the reference was built.",
)
MONITOR_INFO = Metric(
    "streamdrift_monitor_info",
    "gauge",
    ("monitor", "model_version", "reference"),
    "Always 1; model version and reference id of a monitor, to join on.",
)

# What became of the events -----------------------------------------------------------------------

EVENTS = Metric(
    "streamdrift_events_total",
    "counter",
    ("monitor", "topic"),
    "Events accepted, late ones included.",
)
REJECTED_EVENTS = Metric(
    "streamdrift_rejected_events_total",
    "counter",
    ("monitor", "topic", "reason"),
    "Records that could not be used.",
)
LATE_EVENTS = Metric(
    "streamdrift_late_events_total",
    "counter",
    ("monitor", "topic"),
    "Events whose pane had ended by their partition's watermark; counted, never profiled.",
)
AFTER_CLOSE_EVENTS = Metric(
    "streamdrift_after_close_events_total",
    "counter",
    ("monitor",),
    "Profiled events that reached the detector after their pane had closed.",
)
LABELS = Metric(
    "streamdrift_labels_total",
    "counter",
    ("monitor",),
    "Sampled labels taken from topics of their own.",
)
LABELS_UNMATCHED = Metric(
    "streamdrift_labels_unmatched_total",
    "counter",
    ("monitor", "reason"),
    "Those without a prediction: unsampled, expired or unknown.",
)
PREDICTIONS_WAITING = Metric(
    "streamdrift_predictions_waiting",
    "gauge",
    ("monitor",),
    "Sampled predictions that wait for their labels.",
)
REJECTS_COPIED = Metric(
    "streamdrift_rejects_copied_total",
    "counter",
    ("topic",),
    "Rejects of an input topic that were copied to the rejects topic.",
)
REJECTS_NOT_COPIED = Metric(
    "streamdrift_rejects_not_copied_total",
    "counter",
    ("topic",),
    "Rejects of an input topic that were counted only, since the rate of copies is bounded.",
)

# How far it has come -----------------------------------------------------------------------------

WATERMARK = Metric(
    "streamdrift_watermark_timestamp_seconds",
    "gauge",
    ("monitor",),
    "Event time up to which panes may close: the least clock of all partitions.",
)
CONSUMER_LAG = Metric(
    "streamdrift_consumer_lag_records",
    "gauge",
    ("topic", "partition"),
    "Records between the position of this process and the end of the partition.",
)
PANES_CLOSED = Metric(
    "streamdrift_panes_closed_total",
    "counter",
    ("monitor",),
    "Panes with events that have closed.",
)
PANE_CLOSED = Metric(
    "streamdrift_pane_closed_timestamp_seconds",
    "gauge",
    ("monitor",),
    "End, in event time, of the newest closed pane with events.",
)
CHAIN_GAPS = Metric(
    "streamdrift_chain_gaps_total",
    "counter",
    ("monitor",),
    "Stretches of an input that its retention removed before they were read.",
)
CHECKPOINT = Metric(
    "streamdrift_checkpoint_timestamp_seconds",
    "gauge",
    ("monitor",),
    "Time of the newest checkpoint.",
)

# The process itself ------------------------------------------------------------------------------

PROCESS_READY = Metric(
    "streamdrift_process_ready",
    "gauge",
    ("role",),
    "1 where the role does its work, else 0; /-/ready says why not.",
)
PARTITIONS_ASSIGNED = Metric(
    "streamdrift_partitions_assigned",
    "gauge",
    ("role",),
    "Partitions that this process owns.",
)
REBALANCES = Metric(
    "streamdrift_rebalances_total",
    "counter",
    ("role",),
    "Changes of the partitions that this process owns.",
)
SERIES_WITHHELD = Metric(
    "streamdrift_series_withheld",
    "gauge",
    ("monitor",),
    "Series left out of this scrape because of http.max_features.",
)
SCRAPE_FAILURES = Metric(
    "streamdrift_scrape_failures_total",
    "counter",
    (),
    "Times that a part of the program could not give its metrics; the log says why.",
)
NOTIFICATIONS = Metric(
    "streamdrift_notifications_total",
    "counter",
    ("channel", "outcome"),
    "Alerts told to a channel: sent, refused (given up), or failed (an attempt, made again).",
)
RELOAD_SUCCESSFUL = Metric(
    "streamdrift_config_last_reload_successful",
    "gauge",
    (),
    "1 where the configuration that was last read is the one that runs, else 0.",
)
RELOAD_TIME = Metric(
    "streamdrift_config_last_reload_success_timestamp_seconds",
    "gauge",
    (),
    "Time at which the configuration that runs was read.",
)
BUILD_INFO = Metric(
    "streamdrift_build_info",
    "gauge",
    ("version", "python", "librdkafka"),
    "Always 1; the versions that run.",
)

CATALOGUE: tuple[Metric, ...] = (
    SCORE,
    EVIDENCE_RATIO,
    BASELINE_STATE,
    BASELINE_SINCE,
    AUDIT_FACTOR,
    UNARMABLE_DIRECTIONS,
    EXPECTED_DELAY,
    STANDING_OFFSET,
    INCIDENTS_OPEN,
    WINDOW_EVENTS,
    REFERENCE_EVENTS,
    REFERENCE_CREATED,
    MONITOR_INFO,
    EVENTS,
    REJECTED_EVENTS,
    LATE_EVENTS,
    AFTER_CLOSE_EVENTS,
    LABELS,
    LABELS_UNMATCHED,
    PREDICTIONS_WAITING,
    REJECTS_COPIED,
    REJECTS_NOT_COPIED,
    WATERMARK,
    CONSUMER_LAG,
    PANES_CLOSED,
    PANE_CLOSED,
    CHAIN_GAPS,
    CHECKPOINT,
    PROCESS_READY,
    PARTITIONS_ASSIGNED,
    REBALANCES,
    SERIES_WITHHELD,
    SCRAPE_FAILURES,
    NOTIFICATIONS,
    RELOAD_SUCCESSFUL,
    RELOAD_TIME,
    BUILD_INFO,
)
"""In the order of the exposition and of ``docs/metrics.md``."""

NOTIFY_OUTCOMES = ("sent", "failed", "refused")
"""Values of the label ``outcome`` of `NOTIFICATIONS`."""
