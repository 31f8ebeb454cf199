"""How long ``stream-drift --help`` takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from benchmarks.report import Line, at_most, median, print_lines

ROUNDS = 10
COMMAND = "from stream_drift.cli.main import main; main(['--help'])"


def seconds(command: str, compiled: str) -> float:
    """One run, as of an installed program: its modules were compiled by the one before."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-c", command], stdout=subprocess.DEVNULL, check=True, env=environment
    )
    return time.monotonic() - began


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as compiled:
        seconds(COMMAND, compiled)
        rounds = [(seconds("pass", compiled), seconds(COMMAND, compiled)) for _ in range(ROUNDS)]
    rows = [
        Line("python -c pass", f"{median(rounds, lambda pair: pair[0]):.3f} s"),
        at_most("stream-drift --help", median(rounds, lambda pair: pair[1]), 0.2, " s"),
    ]
    print_lines(f"help: medians of {ROUNDS}", rows)


if __name__ == "__main__":
    main()
