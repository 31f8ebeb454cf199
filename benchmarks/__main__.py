"""Everything that is measured: ``python -m benchmarks [--write] [NAME …]``; a table each.

``--write`` puts the tables into docs/, where each has its place.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.pages import write_part

PAGES = {
    "run": "performance.md",
    "replay": "performance.md",
    "memory": "performance.md",
    "features": "performance.md",
    "panes": "performance.md",
    "scoring": "performance.md",
    "profile_size": "performance.md",
    "help": "performance.md",
    "decode": "performance.md",
    "backtest": "backtest.md",
    "blind": "statistics.md",
    "evidence": "statistics.md",
    "joint": "statistics.md",
    "classifier": "statistics.md",
    "slices": None,
    "labels": None,
    "electricity": "statistics.md",
    "detection": None,
}
"""Modules in the order of a whole run, and the page that shows what they print."""


def measure(name: str) -> str | None:
    """What a benchmark prints, also shown as it comes; ``None`` where it failed."""
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    found: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            found.append(line)
    return None if process.returncode else "".join(found)


def main() -> int:
    """Run the named ones, or all; 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*PAGES, "peers"]))
    options = parser.parse_args()
    failed = 0
    pages = {**PAGES, "peers": "peers.md"}
    for name in options.names or PAGES:
        text, page = measure(name), pages[name]
        if text is None:
            failed = 1
        elif options.write and page and text.strip():
            write_part(page, name, text)
    return failed


if __name__ == "__main__":
    sys.exit(main())
