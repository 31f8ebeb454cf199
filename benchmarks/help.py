"""How long ``stream-drift --help`` takes."""

from __future__ import annotations

import resource
import subprocess
import sys

from benchmarks.report import Line, at_most, median, print_lines
from benchmarks.stage import as_installed

ROUNDS = 10
COMMAND = "from stream_drift.cli.main import main; main(['--help'])"


def seconds(command: str) -> float:
    """CPU time: on a free core that is what it takes."""
    before = cpu_seconds()
    subprocess.run(
        [sys.executable, "-c", command], stdout=subprocess.DEVNULL, check=True, env=as_installed()
    )
    return cpu_seconds() - before


def cpu_seconds() -> float:
    """Of all processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    seconds(COMMAND)
    rounds = [(seconds("pass"), seconds(COMMAND)) for _ in range(ROUNDS)]
    rows = [
        Line("python -c pass", f"{median(rounds, lambda pair: pair[0]):.3f} s"),
        at_most("stream-drift --help", median(rounds, lambda pair: pair[1]), 0.2, " s"),
    ]
    print_lines(f"help: CPU, medians of {ROUNDS}", rows)


if __name__ == "__main__":
    main()
