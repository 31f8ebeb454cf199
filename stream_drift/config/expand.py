"""``${VAR}`` and ``${VAR:-default}`` in the values of a configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping

from stream_drift.config.document import Document, Quoted
from stream_drift.config.mistakes import Path

REFERENCE = re.compile(r"\$(?P<escape>\$)?\{(?P<inside>[^}]*)\}?")
INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<or_else>:-(?P<default>.*))?", re.DOTALL)


def expand(document: Document, environ: Mapping[str, str]) -> None:
    """Put the environment's values in; an unset or empty variable leaves its default.

    ``$${`` stands for ``${``. Keys are left alone, and what is put in is not read as YAML.
    """

    def edit(path: Path, text: str) -> str:
        if "${" not in text:
            return text
        expanded = REFERENCE.sub(lambda match: _replacement(match, document, path, environ), text)
        return Quoted(expanded) if isinstance(text, Quoted) else expanded

    document.edit_texts(edit)


def _replacement(
    match: re.Match[str], document: Document, path: Path, environ: Mapping[str, str]
) -> str:
    if match["escape"]:
        return match[0][1:]
    inside = INSIDE.fullmatch(match["inside"])
    if inside is None or not match[0].endswith("}"):
        text = (
            "an environment variable is written ${NAME} or ${NAME:-default}, and $${ for a plain ${"
        )
        document.complain(document.value_place(path), path, text)
        return ""
    value = environ.get(inside["name"])
    if not value and inside["or_else"]:
        return str(inside["default"])
    if value is None:
        text = f"the environment variable {inside['name']} is not set and has no default"
        document.complain(document.value_place(path), path, text)
    return value or ""
