"""The files under ``deploy/``, read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
RULE_FILES = sorted((DEPLOY / "prometheus").glob("*.yml"))
RUNBOOKS = ROOT / "docs" / "runbooks"

Rule = dict[str, Any]


def load_yaml(path: Path) -> Any:
    """A file with one YAML document."""
    return yaml.safe_load(path.read_text())


def rules(path: Path) -> Iterator[Rule]:
    """All rules of a file of Prometheus rules."""
    for group in load_yaml(path)["groups"]:
        yield from group["rules"]


def alerts() -> list[Rule]:
    """The alert rules of all files."""
    return [rule for path in RULE_FILES for rule in rules(path) if "alert" in rule]
