"""Everything that is measured: ``python -m benchmarks [NAME …]``; one small table each."""

from __future__ import annotations

import subprocess
import sys

NAMES = ("service", "figures", "decode", "scoring", "electricity", "detection")
"""In the order of a whole run; each is a module that can be run by itself."""
SYNONYMS = {"run": "service"}


def main(names: list[str]) -> int:
    """Run the named ones, or all; the exit code of the last that failed."""
    failed = 0
    for name in names or NAMES:
        module = f"benchmarks.{SYNONYMS.get(name, name)}"
        print(f"\n== {module}", flush=True)
        failed = subprocess.run([sys.executable, "-m", module], check=False).returncode or failed
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
