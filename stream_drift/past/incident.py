"""The events of an incident, written into a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from stream_drift import __version__
from stream_drift.config.settings import MonitorSettings, Settings
from stream_drift.errors import UsageError
from stream_drift.incidents.alert import AlertData, iso
from stream_drift.kafka.connection import KafkaLog
from stream_drift.kafka.history import stretches
from stream_drift.past.events import (
    Exported,
    Offsets,
    export_events,
    label_fields,
    number_columns,
)
from stream_drift.past.folder import DRIFTED, TRAINING, WEIGHT, write_folder
from stream_drift.past.join import Table
from stream_drift.past.rows import Count, Span, column_names, read_rows
from stream_drift.past.source import file_source
from stream_drift.past.weights import training_weights
from stream_drift.runtime import clock
from stream_drift.runtime.own_topics import OwnTopics
from stream_drift.runtime.replay import Tell
from stream_drift.runtime.told_incidents import find_alert, latest_alerts

MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of an incident.

    Attributes
    ----------
    since, until
        ISO 8601 with a zone; by default from the onset to the incident's last alert.
    n_most
        At most so many live events.
    training
        A file of events that the model was trained on, to stand beside the live ones.
    like
        The manifest of an export to repeat.
    reads_all
        Read the topics from their beginning, for a broker that cannot look offsets up by time.
    """

    incident: str
    out: Path
    since: str | None = None
    until: str | None = None
    n_most: int = MOST_ROWS
    training: Path | None = None
    like: Path | None = None
    reads_all: bool = False


def export_incident(settings: Settings, wish: Wish, tell: Tell) -> dict[str, Any]:
    """Read, join and write; returns the manifest.

    Parameters
    ----------
    tell
        Told what is being read, and how far that is.

    Raises
    ------
    UsageError
        Where the incident or its monitor is unknown, or nothing lies in the span.
    """
    data = _incident(settings, wish.incident)
    monitor = settings.monitor(data.monitor)
    if monitor is None:
        message = f"{settings.path} has no monitor {data.monitor!r} any more"
        raise UsageError(message)
    past = _manifest(wish.like, data.incident) if wish.like else {}
    span = span_of(data, wish.since, wish.until, past)
    limit = int(past.get("at_most", wish.n_most))
    offsets = _offsets(past)
    if wish.reads_all:
        offsets = {
            each.topic: stretches(settings.kafka, each.topic, None) for each in monitor.inputs
        }
    exported = export_events(settings, monitor, span, limit, offsets, tell)
    parts = {DRIFTED: exported.table}
    if wish.training is not None:
        parts[TRAINING] = _training(monitor, wish.training, exported.table.names)
        parts = _weighted(monitor, parts)
    facts = _facts(data, span, limit) | _read(exported)
    return write_folder(wish.out, parts, number_columns(monitor) | {WEIGHT}, facts)


def _weighted(monitor: MonitorSettings, parts: dict[str, Table]) -> dict[str, Table]:
    """Live rows count once, training rows by how live their inputs look."""
    live, training = parts[DRIFTED], parts[TRAINING]
    features = [feature.name for feature in monitor.features]
    weights = training_weights(live, training, features, number_columns(monitor))
    return {
        DRIFTED: live.with_column(WEIGHT, [1.0] * len(live.rows)),
        TRAINING: training.with_column(WEIGHT, weights.tolist()),
    }


def _incident(settings: Settings, incident: str) -> AlertData:
    with (
        closing(KafkaLog(settings.kafka, settings.name, clock.now_ms)) as log,
        closing(log.scanner()) as scanner,
    ):
        return find_alert(latest_alerts(scanner, OwnTopics(settings.name)), incident).data


def _manifest(path: Path, incident: str) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        message = f"--like {path}: no manifest of an export ({error})"
        raise UsageError(message) from error
    if not isinstance(found, dict) or found.get("incident") != incident:
        message = f"--like {path}: not a manifest of an export of incident {incident}"
        raise UsageError(message)
    return found


def span_of(data: AlertData, since: str | None, until: str | None, past: Mapping[str, Any]) -> Span:
    """From the onset to the incident's last word, unless somebody says otherwise."""
    last = data.resolved_at or (data.window.end if data.window else data.detected_at)
    known = past.get("span", {})
    start_ms = _moment("--since", since or known.get("start") or data.onset.earliest)
    end_ms = _moment("--until", until or known.get("end") or last)
    if start_ms >= end_ms:
        message = (
            f"nothing lies between {iso(start_ms)} and {iso(end_ms)}: give --since and --until"
        )
        raise UsageError(message)
    return Span(start_ms, end_ms)


def _moment(option: str, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{option} must be a time such as 2026-01-31T12:00:00Z, not {text!r}"
        raise UsageError(message) from error
    if moment.tzinfo is None:
        message = f"{option} {text!r} has no time zone: end it with Z for UTC"
        raise UsageError(message)
    return int(moment.timestamp() * 1000)


def _offsets(past: Mapping[str, Any]) -> Offsets:
    return {
        topic: {int(number): (start, stop) for number, (start, stop) in each["offsets"].items()}
        for topic, each in past.get("inputs", {}).items()
    }


def _training(monitor: MonitorSettings, path: Path, names: tuple[str, ...]) -> Table:
    """The rows of a file with the columns of the export; what the file has not is missing."""
    source = file_source(monitor, path, *label_fields(monitor))
    batches = ((0, batch) for batch in source.batches)
    rows = list(read_rows(path.name, source.mapping, batches, Span(0, 2**62), Count()))
    table = Table(column_names(source.mapping), rows)
    return table.only(names)


def _facts(data: AlertData, span: Span, limit: int) -> dict[str, Any]:
    return {
        "made_by": f"stream-drift {__version__}",
        "incident": data.incident,
        "monitor": data.monitor,
        "model_version": data.model_version,
        "what": data.summary,
        "recommendation": data.recommendation.action,
        "span": {"start": iso(span.start_ms), "end": iso(span.end_ms)},
        "at_most": limit,
        "reference": data.reference.id,
    }


def _read(exported: Exported) -> dict[str, Any]:
    return {
        "inputs": {
            topic: {
                "offsets": {str(k): list(v) for k, v in sorted(exported.offsets[topic].items())},
                "records": count.n_records,
                "events": count.n_events,
                "rejected": dict(sorted(count.rejected.items())),
            }
            for topic, count in sorted(exported.counts.items())
        },
        "labelled": exported.n_labelled,
    }
