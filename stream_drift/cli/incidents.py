"""``stream-drift incidents``: see incidents, and say a word about them."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import msgspec
from rich.table import Table

from stream_drift.cli.options import config_option, output_option
from stream_drift.cli.tables import print_result, write_text
from stream_drift.config.durations import parse_duration
from stream_drift.config.load import load_settings
from stream_drift.errors import UsageError
from stream_drift.incidents.alert import Alert, AlertData, structured_json
from stream_drift.kafka.connection import KafkaLog
from stream_drift.runtime import clock
from stream_drift.runtime.own_topics import OwnTopics
from stream_drift.runtime.told_incidents import (
    alerts_about,
    find_alert,
    latest_alerts,
    send_command,
)
from stream_drift.windows.log import Command

by_option = click.option("--by", default=getpass.getuser, help="Who says so; default: you.")
why_option = click.option("--why", default="", help="The reason, kept with the command.")


@click.group()
def incidents() -> None:
    """See incidents; acknowledge, mute or accept them.

    Commands are records in the monitor's log: every process obeys them, and so does a replay.
    """


@contextmanager
def _cluster(config: Path) -> Iterator[tuple[KafkaLog, OwnTopics]]:
    settings = load_settings(config)
    log = KafkaLog(settings.kafka, settings.name, clock.now_ms)
    try:
        yield log, OwnTopics(settings.name)
    finally:
        log.close()


def _read(log: KafkaLog, own: OwnTopics) -> list[Alert]:
    scanner = log.scanner()
    try:
        return latest_alerts(scanner, own)
    finally:
        scanner.close()


@incidents.command("list")
@config_option
@click.option("--all", "show_all", is_flag=True, help="Resolved ones too.")
@output_option
def list_incidents(config: Path, output: str, *, show_all: bool) -> None:
    """List open incidents, newest first."""
    with _cluster(config) as (log, own):
        found = [a for a in _read(log, own) if show_all or a.data.status == "open"]
    if output == "json":
        click.echo(b"[" + b",".join(map(structured_json, found)) + b"]")
        return
    table = Table(box=None)
    for title in ("incident", "monitor", "status", "opened", "what"):
        table.add_column(title, overflow="fold")
    for alert in found:
        data = alert.data
        table.add_row(data.incident, data.monitor, _status(data), data.opened_at, data.summary)
    print_result(table if found else "no incident is open")


def _status(data: AlertData) -> str:
    who = data.labels.get("acknowledged_by")
    muted = data.labels.get("muted_until")
    said = [
        data.status,
        *([f"seen by {who}"] if who else []),
        *([f"muted to {muted}"] if muted else []),
    ]
    return ", ".join(said)


@incidents.command("show")
@click.argument("incident")
@config_option
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page here: one file that needs no network.",
)
@output_option
def show_incident(incident: str, config: Path, output: str, *, html: Path | None) -> None:
    """Show what was told about one incident (the beginning of its id is enough)."""
    with _cluster(config) as (log, own):
        scanner = log.scanner()
        try:
            alerts = alerts_about(scanner, own, incident)
        finally:
            scanner.close()
    if html is not None:
        from stream_drift.report.page import incident_page

        write_text(html, incident_page(alerts))
    if output == "json":
        click.echo(msgspec.json.format(structured_json(alerts[-1]), indent=2))
    else:
        from stream_drift.cli.incident_text import incident_text

        print_result(*incident_text(alerts))


def _say(config: Path, incident: str, command: Command) -> None:
    with _cluster(config) as (log, own):
        data = find_alert(_read(log, own), incident).data
        arguments = {**command.arguments, "incident": data.incident}
        _send(log, own, data.monitor, replace(command, arguments=arguments))
    click.echo(f"written, the service obeys when it reads it: {command.action}: {data.summary}")


def _send(log: KafkaLog, own: OwnTopics, monitor: str, command: Command) -> None:
    writer, scanner = log.writer(), log.scanner()
    try:
        send_command(writer, scanner, own, monitor, command)
    finally:
        writer.close()
        scanner.close()


@incidents.command()
@click.argument("incident")
@config_option
@by_option
@why_option
def ack(incident: str, config: Path, by: str, why: str) -> None:
    """Say that somebody looks after an incident."""
    _say(config, incident, Command("acknowledge", by, why, {}))


@incidents.command()
@click.argument("incident")
@config_option
@click.option("--for", "length", default="4h", show_default=True, help="How long (event time).")
@by_option
@why_option
def mute(incident: str, config: Path, length: str, by: str, why: str) -> None:
    """Keep channels quiet about an incident for a while."""
    try:
        for_ms = parse_duration(length)
    except ValueError as error:
        message = f"--for {length}: {error}"
        raise UsageError(message) from error
    _say(config, incident, Command("mute", by, why, {"for_ms": str(for_ms)}))


@incidents.command()
@click.argument("incident")
@config_option
@by_option
@why_option
def accept(incident: str, config: Path, by: str, why: str) -> None:
    """Make the present state normal: the baseline moves by the incident's effects."""
    _say(config, incident, Command("accept", by, why, {}))


@incidents.command("mark-deploy")
@config_option
@click.option("--monitor", required=True, help="Whose model was deployed.")
@click.option("--version", required=True, help="The version that now serves.")
@by_option
@why_option
def mark_deploy(config: Path, monitor: str, version: str, by: str, why: str) -> None:
    """Note that a new model version serves; alerts carry it from then on."""
    if load_settings(config).monitor(monitor) is None:
        message = f"no monitor {monitor!r} in {config}"
        raise UsageError(message)
    with _cluster(config) as (log, own):
        _send(log, own, monitor, Command("mark-deploy", by, why, {"version": version}))
    click.echo(f"{monitor}: version {version} marked as deployed")
