"""``stream-drift export``: the training set for an incident."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stream_drift import __version__
from stream_drift.cli.options import config_option
from stream_drift.cli.progress import progress_bar
from stream_drift.config.load import load_settings
from stream_drift.config.settings import MonitorSettings, Settings
from stream_drift.errors import UsageError
from stream_drift.incidents.alert import AlertData, iso
from stream_drift.runtime import clock
from stream_drift.runtime.export.rows import Span

if TYPE_CHECKING:
    from stream_drift.cli.export_events import Exported, Offsets
    from stream_drift.runtime.export.join import Table

_file = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.option("--incident", required=True, help="Its id, or the beginning of it.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A folder to write.")
@config_option
@click.option("--training", type=_file, help="Also put in these events (JSONL, CSV, Parquet).")
@click.option("--since", help="From another time than the onset of the incident (ISO 8601).")
@click.option("--until", help="Up to another time than the incident's last word (ISO 8601).")
@click.option("--rows", default=1_000_000, show_default=True, help="At most so many live events.")
@click.option("--like", type=_file, help="A manifest: read exactly the offsets that it names.")
def export(
    incident: str,
    out: Path,
    config: Path,
    training: Path | None,
    since: str | None,
    until: str | None,
    rows: int,
    like: Path | None,
) -> None:
    """Write the events of an incident, with their labels, to retrain a model on.

    The events from the onset on are read back from the input topics and joined with predictions
    and labels. The folder gets events.parquet and manifest.json, which names times, offsets, counts
    and a hash; --like repeats an export byte for byte while the topics still hold its offsets.
    """
    from stream_drift.cli.export_events import export_events, number_columns
    from stream_drift.runtime.export.folder import DRIFTED, TRAINING, write_folder

    settings = load_settings(config)
    data = _incident(settings, incident)
    monitor = settings.monitor(data.monitor)
    if monitor is None:
        message = f"{settings.path} has no monitor {data.monitor!r} any more"
        raise UsageError(message)
    past = _manifest(like, data.incident) if like else {}
    span = _span(data, since, until, past)
    limit = int(past.get("at_most", rows))
    with progress_bar("export") as tell:
        exported = export_events(settings, monitor, span, limit, _offsets(past), tell)
        parts = {DRIFTED: exported.table}
        if training is not None:
            parts[TRAINING] = _training(monitor, training, exported.table.names)
    facts = _facts(data, span, limit) | _read(exported)
    manifest = write_folder(out, parts, number_columns(monitor), facts)
    click.echo(_text(out, manifest))


def _incident(settings: Settings, incident: str) -> AlertData:
    from stream_drift.kafka.connection import KafkaLog
    from stream_drift.runtime.own_topics import OwnTopics
    from stream_drift.runtime.told_incidents import find_alert, latest_alerts

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


def _span(data: AlertData, since: str | None, until: str | None, past: Mapping[str, Any]) -> Span:
    """From the onset to the incident's last word, unless somebody says otherwise."""
    last = data.resolved_at or (data.window.end if data.window else data.opened_at)
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
    from stream_drift.cli.export_events import label_fields
    from stream_drift.cli.reference_events import file_source
    from stream_drift.runtime.export.join import Table
    from stream_drift.runtime.export.rows import Count, Span, column_names, read_rows

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


def _text(out: Path, manifest: Mapping[str, Any]) -> str:
    rows = manifest["rows"]
    span = manifest["span"]
    lines = [
        f"wrote {out}/events.parquet and manifest.json",
        f"  {rows['drifted']:,} live events from {span['start']} to {span['end']}, "
        f"{manifest['labelled']:,} of them with a label",
    ]
    if "training" in rows:
        lines.append(f"  {rows['training']:,} training events")
    n_events = max(each["events"] for each in manifest["inputs"].values())
    if n_events > rows["drifted"] == manifest["at_most"]:
        lines.append(f"  a fixed choice of {n_events:,}: --rows sets how many")
    if rows["drifted"] and not manifest["labelled"]:
        lines.append("  no label has come yet; a model cannot be trained on these alone")
    return "\n".join(lines)
