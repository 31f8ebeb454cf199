"""The program ``stream-drift``: finds the command, and turns errors into exit codes."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import click

from stream_drift import __version__
from stream_drift.errors import (
    ConfigError,
    InputFileError,
    ReferenceFileError,
    StreamDriftError,
    UsageError,
)

OK, FAILED, WRONG_USAGE, INCIDENT_FOUND = 0, 1, 2, 3
"""Exit codes of every command."""
USERS_TO_PUT_RIGHT = (ConfigError, UsageError, ReferenceFileError, InputFileError)


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command is, as ``module:attribute``, and what it does: help imports nothing."""

    target: str
    help: str


COMMANDS: Mapping[str, LazyCommand] = {
    "init": LazyCommand(
        "stream_drift.cli.init:init", "Look at a file or a topic and write a commented config."
    ),
    "check": LazyCommand(
        "stream_drift.cli.check:check", "Check the config and, with --live, what it stands on."
    ),
    "run": LazyCommand("stream_drift.cli.run:run", "Run the service."),
    "reference": LazyCommand(
        "stream_drift.cli.reference:reference", "Build and show what a model was accepted on."
    ),
    "replay": LazyCommand("stream_drift.cli.replay:replay", "Run the same engine over files."),
    "backtest": LazyCommand(
        "stream_drift.cli.backtest:backtest", "Show what each policy costs on clean history."
    ),
    "topics": LazyCommand("stream_drift.cli.topics:topics", "Create the service's own topics."),
    "incidents": LazyCommand(
        "stream_drift.cli.incidents:incidents", "List incidents and act on them."
    ),
    "export": LazyCommand(
        "stream_drift.cli.export:export", "Write the events of an incident, to retrain on."
    ),
    "top": LazyCommand("stream_drift.cli.top:top", "Watch a running service in the terminal."),
    "health": LazyCommand(
        "stream_drift.cli.health:health", "Ask a running service whether it is well."
    ),
    "demo": LazyCommand(
        "stream_drift.cli.demo:demo", "Watch a drift being found, in under a minute, without Kafka."
    ),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is called, and not to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of use."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; ``None`` where there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].target.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, with the nearest name where there is none."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            meant = get_close_matches(args[0], COMMANDS, n=1)
            hint = (
                f", did you mean {meant[0]!r}?" if meant else f"; there are {', '.join(COMMANDS)}"
            )
            ctx.fail(f"no command {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table from `COMMANDS`."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 ok, 1 failed, 2 wrong usage or config, 3 incident found.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def stream_drift() -> None:
    """Watch machine-learning models on Kafka for drift."""


def _hush() -> None:
    """Without a service's log, what the Kafka client mutters goes nowhere: errors say it."""
    logging.getLogger("stream_drift.kafka").addHandler(logging.NullHandler())


def main(args: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code; what was raised on purpose is one message."""
    _hush()
    sys.exit(_exit_code(args))


def _exit_code(args: Sequence[str] | None) -> int:
    try:
        result = stream_drift.main(args, prog_name="stream-drift", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        return FAILED
    except StreamDriftError as error:
        click.echo(str(error), err=True)
        return WRONG_USAGE if isinstance(error, USERS_TO_PUT_RIGHT) else FAILED
    return result if isinstance(result, int) else OK
