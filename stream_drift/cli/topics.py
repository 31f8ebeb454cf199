"""``stream-drift topics``: the service's own topics."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from stream_drift.cli.options import config_option
from stream_drift.config.load import load_settings
from stream_drift.config.settings import Settings
from stream_drift.kafka.admin import BROKERS_DEFAULT, KafkaAdmin
from stream_drift.kafka.topics import N_PARTITIONS, creation_command, own_topics


@click.group()
def topics() -> None:
    """Create the service's own topics."""


@contextmanager
def _admin(settings: Settings) -> Iterator[KafkaAdmin]:
    admin = KafkaAdmin(settings.kafka)
    try:
        yield admin
    finally:
        admin.close()


@topics.command()
@config_option
@click.option(
    "--partitions",
    default=N_PARTITIONS,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Of each topic; monitors are spread over them, so more than monitors are of no use.",
)
@click.option(
    "--replication-factor",
    default=BROKERS_DEFAULT,
    show_default="the brokers' own",
    type=click.IntRange(BROKERS_DEFAULT, 100),
    help="Copies of each topic, on as many brokers.",
)
@click.option("--dry-run", is_flag=True, help="Only print the commands that would create them.")
def create(config: Path, partitions: int, replication_factor: int, *, dry_run: bool) -> None:
    """Create <name>.profiles, .state, .alerts and .rejects where they do not exist.

    Where this user may not create topics, the commands for somebody who may are printed.
    """
    settings = load_settings(config)
    wanted = own_topics(settings.name, partitions, replication_factor or BROKERS_DEFAULT)
    specs = {spec.name: spec for spec in wanted}
    bootstrap = str(settings.kafka.get("bootstrap.servers", "localhost:9092"))
    if dry_run:
        for spec in specs.values():
            click.echo(creation_command(spec, bootstrap))
        return
    with _admin(settings) as admin:
        outcomes = admin.create(wanted)
    failed = [creation for creation in outcomes if creation.outcome == "failed"]
    for creation in outcomes:
        click.echo(f"{creation.topic}: {creation.outcome} {creation.reason}".rstrip())
    if failed:
        click.echo("\nAsk somebody who may create topics to run:", err=True)
        for creation in failed:
            click.echo(creation_command(specs[creation.topic], bootstrap), err=True)
        sys.exit(1)
