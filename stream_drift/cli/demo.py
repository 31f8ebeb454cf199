"""``stream-drift demo``: the whole loop on one machine, or its events for one elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from stream_drift.runtime.logs import configure


@click.command()
@click.option("--serve", is_flag=True, help="Go on until interrupted, to look at /metrics.")
@click.option(
    "--rows",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Only write what the model was accepted on to this file, as JSONL.",
)
@click.option(
    "--produce",
    metavar="BROKERS",
    help="Only stream the model's events to these brokers until interrupted, in real time.",
)
@click.option(
    "--clean",
    default=180,
    show_default=True,
    type=click.IntRange(min=1),
    help="With --produce: seconds before each drift of 7 minutes.",
)
def demo(rows: Path | None, produce: str | None, clean: int, *, serve: bool) -> None:
    """Watch a drift being found, in under a minute, without Kafka.

    Starts an embedded broker, streams a loan-approval model's events, injects a drift, and shows
    the scores, the incident and the alert. Ends with exit code 0 if the drift was found.
    """
    configure(sys.stderr, "WARNING")
    if rows is not None or produce is not None:
        from stream_drift.demo import stream

        if rows is not None:
            click.echo(f"{rows}: {stream.write_rows(rows):,} applications", err=True)
        if produce is not None:
            stream.produce(produce, clean)
        return
    from rich.console import Console

    from stream_drift.demo.story import tell

    if not tell(Console(), serve=serve):
        sys.exit(1)
