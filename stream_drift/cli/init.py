"""``stream-drift init``: look at some events and write a first configuration."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from stream_drift.config.keys import config_schema
from stream_drift.config.load import load_kafka
from stream_drift.config.proposal.proposal import Proposal, propose
from stream_drift.config.proposal.text import Header, config_text
from stream_drift.errors import InputFileError, UsageError
from stream_drift.runtime.files.read import read_rows

LOOKED_AT = 20_000
"""Events that are looked at."""
BROKERS = "${KAFKA_BROKERS:-localhost:9092}"
SUFFIXES = (".gz", ".jsonl", ".ndjson", ".csv", ".parquet")
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")

Events = Sequence[dict[str, Any]]


@click.command()
@click.option(
    "--from",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Look at a file: JSONL, CSV (both also with .gz) or Parquet.",
)
@click.option("--topic", help="Look at a topic; with --from, only its name.")
@click.option(
    "--bootstrap",
    help="The brokers of the topic, by default $KAFKA_BROKERS or localhost:9092; other settings of "
    "the client come from STREAMDRIFT__KAFKA__….",
)
@click.option("--monitor", help="What to call the monitor, if not as the file or topic.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default="stream-drift.yaml",
    show_default=True,
    help="Where to write it.",
)
@click.option(
    "--schema",
    "with_schema",
    is_flag=True,
    help="Also write the JSON Schema of the configuration beside it: editors then complete and "
    "check it.",
)
@click.option("--force", is_flag=True, help="Replace what is there.")
def init(
    file: Path | None,
    topic: str | None,
    bootstrap: str | None,
    monitor: str | None,
    out: Path,
    *,
    with_schema: bool,
    force: bool,
) -> None:
    """Look at some events and write a commented configuration: each choice with its reason."""
    if file is None and topic is None:
        message = "say what to look at: --from FILE or --topic TOPIC"
        raise UsageError(message)
    if out.exists() and not force:
        message = f"{out} is there already: give another --out, or --force to replace it"
        raise UsageError(message)
    events = _topic_events(topic or "", bootstrap) if file is None else _file_events(file)
    proposal = propose(events, texts_only=file is not None and ".csv" in file.suffixes)
    if not any(verdict.kind for verdict in proposal.features) and proposal.task is None:
        message = "there is nothing to watch in these events: no field is a number or a category"
        raise InputFileError(message)
    schema = out.with_suffix(".schema.json")
    name = _name(monitor or topic or _stem(file or out))
    header = Header(
        source=f"topic {topic}" if file is None else file.name,
        schema=f"./{schema.name}" if with_schema else None,
        brokers=f"${{KAFKA_BROKERS:-{bootstrap}}}" if bootstrap else BROKERS,
        topic=topic or name,
        monitor=name,
        labels_come_too=file is None,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    if with_schema:
        schema.write_text(json.dumps(config_schema(), indent=1) + "\n", "utf-8")
    out.write_text(config_text(proposal, header), "utf-8")
    _tell(proposal, out, file)


def _file_events(file: Path) -> Events:
    events = list(read_rows(file, LOOKED_AT))
    if not events:
        message = f"{file}: there are no events in it"
        raise InputFileError(message)
    return events


def _topic_events(topic: str, bootstrap: str | None) -> Events:
    from stream_drift.kafka.sample import sample_topic

    payloads = sample_topic(load_kafka(bootstrap or BROKERS), topic, LOOKED_AT)
    events = [event for payload in payloads if isinstance(event := _decoded(payload), dict)]
    if not events:
        message = f"topic {topic}: none of its last {len(payloads)} records is a JSON object"
        raise InputFileError(message)
    return events


def _decoded(payload: bytes) -> object:
    try:
        return msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _stem(file: Path) -> str:
    name = file.name
    while name.lower().endswith(SUFFIXES):
        name = name[: name.rindex(".")]
    return name


def _name(text: str) -> str:
    """A name that a monitor and a topic may have."""
    return NOT_IN_NAMES.sub("-", text).strip("-._")[:100] or "model"


def _tell(proposal: Proposal, out: Path, file: Path | None) -> None:
    counts = Counter(verdict.kind for verdict in proposal.features)
    click.echo(
        f"{out}: from {proposal.n_events:,} events; features: {counts['number']} number, "
        f"{counts['category']} category; fields left out: {counts[None]}"
    )
    for role in ("event_id", "time"):
        if role not in proposal.roles:
            click.echo(f"no {role} was found: read the comment there", err=True)
    click.echo("next: read it, then build the reference from what the model was accepted on:")
    click.echo(f"      stream-drift reference build -c {out} --from VALIDATION_FILE")
    click.echo(f"      stream-drift check -c {out}")
