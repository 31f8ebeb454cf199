"""Prometheus' own opinion of what we expose and of our rules."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def check_metrics(text: str) -> None:
    """Raise with promtool's complaints where the exposition ``text`` is not clean."""
    said = _promtool("check", "metrics", text=text)
    if said.strip():
        raise AssertionError(said)


def check_rules(*files: Path) -> None:
    """Raise with promtool's complaints where a file of rules is not valid."""
    _promtool("check", "rules", *map(str, files))


def unit_test_rules(file: Path) -> None:
    """Run one file of rule tests; raise with what was expected and what came."""
    _promtool("test", "rules", str(file))


def _promtool(*arguments: str, text: str = "") -> str:
    promtool = shutil.which("promtool")
    if promtool is None:
        message = "promtool is missing; `make packages` installs it or says how"
        raise FileNotFoundError(message)
    found = subprocess.run(
        [promtool, *arguments], input=text, text=True, capture_output=True, check=False, timeout=60
    )
    said = found.stdout + found.stderr
    if found.returncode != 0:
        message = f"promtool (exit code {found.returncode}): {said}"
        raise AssertionError(message)
    return said
