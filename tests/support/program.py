"""The program itself: a command within this process, or a process of its own."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest

from stream_drift.cli.main import main

PATIENCE_SECONDS = 30.0


def cli(*arguments: str, exit_code: int = 0) -> None:
    """Run a command to its end."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == exit_code


def program(*arguments: str) -> list[str]:
    """What starts the command as a process of its own."""
    return [sys.executable, "-c", "from stream_drift.cli.main import main; main()", *arguments]


def wait_for(
    condition: Callable[[], object],
    what: str | Callable[[], str],
    seconds: float = PATIENCE_SECONDS,
) -> None:
    """Wait until it holds; ``what`` tells of what did not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            said = what if isinstance(what, str) else what()
            pytest.fail(f"not within {seconds:g} s: {said}")
        time.sleep(0.05)
