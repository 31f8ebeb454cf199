"""Writes docs/configuration.md from the schema; run as ``python -m docs.configuration_reference``.

What a key means is said once, in `stream_drift.config.schema`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stream_drift.config.keys import VARIABLE, config_schema

OUT = Path(__file__).with_name("configuration.md")
REFERENCE = "#/$defs/"
DURATION = "^[0-9]{1,9}[smhd]$"

HEAD = """\
# Configuration

One YAML file, `stream-drift.yaml` unless `-c` names another. `stream-drift init` writes a first
one with comments, `stream-drift check` finds every mistake in it at once, and
`stream-drift check --schema` prints its JSON Schema for editors.

* Durations are a number and a unit: `30s`, `5m`, `12h`, `14d`.
* `${NAME}` and `${NAME:-default}` stand for environment variables, anywhere in the file.
* Any key can be set from the environment, its path joined by `__`: `STREAMDRIFT__HTTP__PORT=0`.
* `NAME_file` in place of a secret `NAME` reads it from a file: it stands in no configuration.
* Relative paths are relative to the configuration file.

This page is made from the schema by `python -m docs.configuration_reference`.
"""


def page() -> str:
    """The page's text."""
    schema = config_schema()
    return "\n".join([HEAD, *_sections("", schema, schema["$defs"])])


def _sections(path: str, part: dict[str, Any], parts: dict[str, Any]) -> Iterator[str]:
    """A part's section, and those of the parts in it."""
    yield _section(path, part)
    for key, child in part.get("properties", {}).items():
        name = _part_of(child)
        if name is not None:
            yield from _sections(_path(path, key, child), parts[name], parts)


def _section(path: str, part: dict[str, Any]) -> str:
    title = f"`{path}`" if path else "The file"
    required = part.get("required", [])
    lines = [f"## {title}", "", part.get("description", ""), ""]
    lines += ["| key | value | default | meaning |", "|---|---|---|---|"]
    for key, child in part["properties"].items():
        default = "**required**" if key in required else _default(child)
        lines.append(f"| `{key}` | {_value(child)} | {default} | {child['description']} |")
    return "\n".join(lines) + "\n"


def _path(path: str, key: str, child: dict[str, Any]) -> str:
    name = f"{path}.{key}" if path else key
    if child.get("type") == "array":
        return f"{name}[]"
    return f"{name}.NAME" if "additionalProperties" in child else name


def _part_of(child: dict[str, Any]) -> str | None:
    """The section that describes this key's own keys."""
    for node in _nodes(child):
        if "$ref" in node:
            return str(node["$ref"]).removeprefix(REFERENCE)
    return None


def _nodes(child: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield child
    for inner in (*child.get("anyOf", ()), child.get("items"), child.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from _nodes(inner)


def _value(child: dict[str, Any]) -> str:
    kinds = [_kind(node) for node in child.get("anyOf", [child]) if node != VARIABLE]
    return " or ".join(dict.fromkeys(kind for kind in kinds if kind))


def _kind(node: dict[str, Any]) -> str:
    if "enum" in node or "const" in node:
        return ", ".join(f"`{value}`" for value in node.get("enum", [node.get("const")]))
    if "$ref" in node:
        return "mapping"
    match node.get("type"):
        case "array":
            return f"list of {_kind(node['items'])}"
        case "object":
            return "mapping"
        case "string":
            return "duration" if node.get("pattern") == DURATION else "text"
        case "integer" | "number":
            return "number"
        case "boolean":
            return "`true`, `false`"
    return ""


def _default(child: dict[str, Any]) -> str:
    default = child.get("default")
    if default in (None, [], {}):
        return "–"
    return f"`{default}`" if isinstance(default, str) else f"`{json.dumps(default)}`"


if __name__ == "__main__":
    OUT.write_text(page())
