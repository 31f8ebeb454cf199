"""Prometheus' own opinion of what we expose."""

from __future__ import annotations

import shutil
import subprocess


def check_metrics(text: str) -> None:
    """Raise with promtool's complaints where the exposition ``text`` is not clean."""
    promtool = shutil.which("promtool")
    if promtool is None:
        message = "promtool is missing; `make packages` installs it or says how"
        raise FileNotFoundError(message)
    found = subprocess.run(
        [promtool, "check", "metrics"], input=text, text=True, capture_output=True, check=False
    )
    complaints = found.stdout + found.stderr
    if found.returncode != 0 or complaints.strip():
        message = f"promtool (exit code {found.returncode}): {complaints}"
        raise AssertionError(message)
