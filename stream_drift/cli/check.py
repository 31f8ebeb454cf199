"""``stream-drift check``: what the configuration says, what it costs, and what it stands on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from stream_drift.cli.main import FAILED, OK, WRONG_USAGE
from stream_drift.cli.options import config_option, output_option
from stream_drift.cli.understood import (
    Understood,
    column_facts,
    input_facts,
    policies,
    understood,
)
from stream_drift.config.durations import format_duration
from stream_drift.config.keys import config_schema
from stream_drift.config.load import load_settings
from stream_drift.config.settings import Settings
from stream_drift.runtime.check_line import CheckLine

MARKS = {True: "ok", False: "FAIL", None: "note"}
LABEL_WIDTH = 12
LIVE_ROLES = ("profile", "detect", "notify")
MEGABYTE = 1_000_000


@click.command()
@config_option
@click.option("--live", is_flag=True, help="Also ask the brokers, read a few records, and so on.")
@click.option("--send-test", is_flag=True, help="With --live: send a test message to each channel.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the configuration instead.")
@click.option("--acls", is_flag=True, help="Print the commands that allow each role its work.")
@click.option(
    "--role",
    "roles",
    type=click.Choice(LIVE_ROLES),
    multiple=True,
    help="With --live: the roles that this configuration's login is for. Default: all that run.",
)
@output_option
def check(
    config: Path,
    roles: tuple[str, ...],
    output: str,
    *,
    live: bool,
    send_test: bool,
    schema: bool,
    acls: bool,
) -> int:
    """Check the configuration: every mistake at once, what was understood, and what it costs.

    With --live, also what it stands on: brokers, permissions, topics, a sample of the records,
    clocks, how far groups are behind, references and channels. Nothing is written anywhere, and
    nothing is sent without --send-test, which tells each channel of a test incident and of its end.
    """
    if schema:
        click.echo(json.dumps(config_schema(), indent=2))
        return OK
    if send_test and not live:
        message = "--send-test needs --live"
        raise click.UsageError(message)
    settings = load_settings(config)
    if acls:
        _print_acls(settings, output)
        return OK
    monitors = [understood(monitor, config) for monitor in settings.monitors]
    lines = _live_lines(settings, monitors, roles, send_test=send_test) if live else []
    code = _exit_code(monitors, lines)
    if output == "json":
        click.echo(json.dumps(_facts(settings, monitors, lines, code), indent=2))
    else:
        click.echo("\n".join(_text(settings, monitors, lines, code)))
    return code


def _print_acls(settings: Settings, output: str) -> None:
    from stream_drift.kafka.permissions import acl_commands

    topics = [source.topic for monitor in settings.monitors for source in monitor.inputs]
    commands = acl_commands(settings.kafka, settings.name, list(dict.fromkeys(topics)))
    if output == "json":
        click.echo(json.dumps(commands, indent=2))
        return
    for role, lines in commands.items():
        click.echo("\n".join([f"# {role}", *lines, ""]))


def _live_lines(
    settings: Settings,
    monitors: Sequence[Understood],
    roles: Sequence[str],
    *,
    send_test: bool,
) -> list[CheckLine]:
    from stream_drift.cli.check_live import live_lines, trials

    return [*live_lines(settings, monitors, roles), *(trials(settings) if send_test else ())]


def _exit_code(monitors: Iterable[Understood], lines: Iterable[CheckLine]) -> int:
    if any(each.problems for each in monitors):
        return WRONG_USAGE
    return FAILED if any(line.ok is False for line in lines) else OK


def _notes(settings: Settings) -> list[str]:
    return _id_notes(settings)


def _id_notes(settings: Settings) -> list[str]:
    """One line about all monitors that keep rows without a secret of their own."""
    names = [
        monitor.name
        for monitor in settings.monitors
        if not monitor.samples.key_is_secret and monitor.privacy == "standard"
    ]
    if not names:
        return []
    return [
        f"event ids in the sampled rows of {', '.join(names)} are hashed with the monitor's name "
        "only: whoever can list the ids can undo that. Put a secret into a file "
        "(openssl rand -hex 32 > ids.key) and name it in the monitor: samples: {key_file: ids.key}"
    ]


def _text(
    settings: Settings, monitors: Sequence[Understood], lines: Sequence[CheckLine], code: int
) -> Iterator[str]:
    for each in monitors:
        yield _title(each)
        for label, *rows in _rows(each):
            for i, row in enumerate(rows):
                yield f"  {label if i == 0 else '':<{LABEL_WIDTH}}{row}"
        yield ""
    for note in _notes(settings):
        yield f"warning: {note}"
    for line in lines:
        first, *more = line.text.splitlines()
        yield f"{MARKS[line.ok]:<5} {line.subject}: {first}"
        yield from (f"      {row}" for row in more)
        if line.remedy is not None:
            yield f"      to do: {line.remedy}"
    yield "OK" if code == OK else "FAILED"


def _title(each: Understood) -> str:
    version = each.monitor.model_version
    return each.monitor.name if version is None else f"{each.monitor.name} (version {version})"


def _rows(each: Understood) -> Iterator[list[str]]:
    """Label and rows of everything that is told about a monitor."""
    monitor = each.monitor
    yield ["reads", *(_input_text(input_facts(source)) for source in monitor.inputs)]
    yield ["numbers", _columns_text(column_facts(monitor.numbers))]
    yield ["categories", _columns_text(column_facts(monitor.categories))]
    windows = ", ".join(window.name for window in monitor.windows) or "none"
    yield [
        "panes",
        f"{format_duration(monitor.pane_ms)}; windows {windows}; "
        f"lateness {format_duration(monitor.lateness_ms)}; days of {monitor.timezone}",
    ]
    yield ["opens on", *policies(monitor)]
    if each.reference is not None:
        found = each.reference
        yield [
            "reference",
            f"{monitor.reference}: {found.n:,} events, id {found.id}, built {found.created_at}",
        ]
    yield ["memory", _memory_text(each)]
    yield ["mistake", *each.problems]
    yield ["warning", *each.warnings]


def _input_text(facts: dict[str, Any]) -> str:
    parts = [f"{facts['topic']} ({facts['format']}): {', '.join(facts['carries'])}"]
    parts.append(f"id {facts['event_id'] or 'topic-partition-offset'}")
    parts.append(f"time {facts['time'] or 'of the record'}")
    if facts["where"] is not None:
        parts.append(f"where {facts['where']}")
    return "; ".join(parts)


def _columns_text(columns: dict[str, str]) -> str:
    texts = [name if name == path else f"{name} ({path})" for name, path in columns.items()]
    return ", ".join(texts) or "none"


def _memory_text(each: Understood) -> str:
    bound = each.memory
    cells = "" if each.reference is not None else ", bins assumed until there is a reference"
    return (
        f"at most {_megabytes(bound.total_bytes)}: windows {_megabytes(bound.kept_bytes)}, "
        f"open panes {_megabytes(bound.open_bytes)}, unfinished blocks of "
        f"{each.n_partitions} partitions (assumed) {_megabytes(bound.block_bytes)}, sampled rows "
        f"{_megabytes(bound.row_bytes)}{cells}"
    )


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / MEGABYTE:.1f} MB"


def _facts(
    settings: Settings, monitors: Sequence[Understood], lines: Sequence[CheckLine], code: int
) -> dict[str, Any]:
    return {
        "ok": code == OK,
        "config": str(settings.path),
        "monitors": {each.monitor.name: _monitor_facts(each) for each in monitors},
        "warnings": _notes(settings),
        "live": [
            {"ok": line.ok, "subject": line.subject, "text": line.text, "remedy": line.remedy}
            for line in lines
        ],
    }


def _monitor_facts(each: Understood) -> dict[str, Any]:
    monitor, found, bound = each.monitor, each.reference, each.memory
    return {
        "model_version": monitor.model_version,
        "inputs": [input_facts(source) for source in monitor.inputs],
        "numbers": column_facts(monitor.numbers),
        "categories": column_facts(monitor.categories),
        "pane": format_duration(monitor.pane_ms),
        "windows": [window.name for window in monitor.windows],
        "lateness": format_duration(monitor.lateness_ms),
        "timezone": monitor.timezone,
        "opens_on": policies(monitor),
        "reference": {
            "path": str(monitor.reference),
            "id": None if found is None else found.id,
            "created_at": None if found is None else found.created_at,
            "n": None if found is None else found.n,
        },
        "memory_bytes": {
            "total": bound.total_bytes,
            "windows": bound.kept_bytes,
            "open_panes": bound.open_bytes,
            "unfinished_blocks": bound.block_bytes,
            "sampled_rows": bound.row_bytes,
            "assumed_partitions": each.n_partitions,
        },
        "mistakes": list(each.problems),
        "warnings": list(each.warnings),
    }
