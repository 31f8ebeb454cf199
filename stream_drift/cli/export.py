"""``stream-drift export``: the training set for an incident."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from stream_drift.cli.options import config_option
from stream_drift.cli.progress import progress_bar
from stream_drift.config.load import load_settings

_file = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.option("--incident", required=True, help="Its id, or the beginning of it.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A folder to write.")
@config_option
@click.option("--training", type=_file, help="Also put in these events (JSONL, CSV, Parquet).")
@click.option("--since", help="From another time than the onset of the incident (ISO 8601).")
@click.option("--until", help="Up to another time than that of its last alert (ISO 8601).")
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
    from stream_drift.past.incident import Wish, export_incident

    wish = Wish(incident, out, since, until, rows, training, like)
    with progress_bar("export") as tell:
        manifest = export_incident(load_settings(config), wish, tell)
    click.echo(_text(out, manifest))


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
