"""The program as a whole: help, exit codes, messages."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from types import ModuleType

import click
import pytest

from stream_drift import __version__
from stream_drift.cli import main as program
from stream_drift.cli.main import COMMANDS, LazyCommand
from stream_drift.errors import (
    BrokerError,
    ConfigError,
    InputFileError,
    InvariantError,
    ReferenceFileError,
    StreamDriftError,
    UsageError,
    WireFormatError,
)
from tests.unit.cli.running import Shell

Plant = Callable[[click.Command], None]
HEAVY = ("numpy", "pydantic", "yaml", "confluent_kafka", "msgspec", "rich", "river", "scipy")


def raising(error: Exception) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


def returning(code: int | None) -> click.Command:
    @click.command()
    def command() -> int | None:
        return code

    return command


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Puts a command in the place of ``check``."""
    planted = ModuleType("planted")
    monkeypatch.setitem(sys.modules, "planted", planted)
    monkeypatch.setattr(
        program, "COMMANDS", {"check": LazyCommand("planted:command", "Does as planted.")}
    )
    return lambda command: setattr(planted, "command", command)


def test_help_lists_every_command_and_imports_none() -> None:
    code = (
        "import sys, contextlib\n"
        "from stream_drift.cli.main import main\n"
        "with contextlib.suppress(SystemExit): main(['--help'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert out.splitlines()[-1] == "[]"
    for name, command in COMMANDS.items():
        assert f"  {name} " in out
        assert command.help.split(",")[0] in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_table_says(shell: Shell, name: str) -> None:
    code, out, err = shell.run(name, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: stream-drift {name} ")


def test_help_tells_the_exit_codes_and_no_command_is_wrong_usage(shell: Shell) -> None:
    code, out, err = shell.run("--help")
    assert (code, err) == (0, "")
    assert "Exit codes: 0 ok, 1 failed, 2 wrong usage or config, 3 incident found." in out
    assert shell.run()[0] == 2


def test_the_version_is_told(shell: Shell) -> None:
    assert shell.run("--version") == (0, f"stream-drift {__version__}\n", "")


def test_a_mistyped_command_is_answered_with_the_nearest(shell: Shell) -> None:
    code, out, err = shell.run("chekc")
    assert (code, out) == (2, "")
    assert "no command 'chekc', did you mean 'check'?" in err
    code, _, err = shell.run("xyzzy")
    assert (code, "there are init, check, run" in err) == (2, True)


def test_an_unknown_option_is_wrong_usage(shell: Shell) -> None:
    assert shell.run("--quiet")[0] == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StreamDriftError, 1),
        (BrokerError, 1),
        (WireFormatError, 1),
        (InvariantError, 1),
        (ConfigError, 2),
        (UsageError, 2),
        (ReferenceFileError, 2),
        (InputFileError, 2),
    ],
)
def test_an_error_is_a_message_and_an_exit_code(
    shell: Shell, plant: Plant, error: type[StreamDriftError], code: int
) -> None:
    plant(raising(error("this is wrong; do that")))
    assert shell.run("check") == (code, "", "this is wrong; do that\n")


def test_an_interrupt_fails_without_a_traceback(shell: Shell, plant: Plant) -> None:
    @click.command()
    def command() -> None:
        raise KeyboardInterrupt

    plant(command)
    assert shell.run("check")[0] == 1


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (1, 1), (3, 3)])
def test_what_a_command_returns_is_the_exit_code(
    shell: Shell, plant: Plant, result: int | None, code: int
) -> None:
    plant(returning(result))
    assert shell.run("check") == (code, "", "")
