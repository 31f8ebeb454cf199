"""``stream-drift demo``: the whole loop on one machine."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from stream_drift.demo.story import tell
from stream_drift.runtime.logs import configure


@click.command()
@click.option("--serve", is_flag=True, help="Go on until interrupted, to look at /metrics.")
def demo(*, serve: bool) -> None:
    """Watch a drift being found, in under a minute, without Kafka.

    Starts an embedded broker, streams a loan-approval model's events, injects a drift, and shows
    the scores, the incident and the alert. Ends with exit code 0 if the drift was found.
    """
    configure(sys.stderr, "WARNING")
    if not tell(Console(), serve=serve):
        sys.exit(1)
