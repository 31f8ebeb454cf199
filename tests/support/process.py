"""Processes that never outlive the tests that started them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

_LEASH = 'cat > /dev/null; kill -9 "$1"'


class Process:
    """A program of its own session; dies with this one, whatever ends it.

    The leash is a shell that waits at a pipe whose other end only we hold.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self._program = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._leash = subprocess.Popen(
            ["sh", "-c", _LEASH, "leash", str(self._program.pid)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._program.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal that ended it."""
        return self._program.poll()

    def signal(self, number: int) -> None:
        self._program.send_signal(number)

    def stop(self, patience_seconds: float = 30) -> int:
        """Ask it to end, insist after a while, and return its exit code."""
        self._program.terminate()
        try:
            self._program.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self._program.kill()
        return self._reap()

    def kill(self) -> None:
        self._program.kill()
        self._reap()

    def _reap(self) -> int:
        code = self._program.wait()
        self._leash.kill()
        self._leash.communicate()
        return code
