"""The document against the schema: every mistake noted, and what is sound kept for the rules."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from stream_drift.config.document import Document, Node
from stream_drift.config.keys import unknown_key
from stream_drift.config.mistakes import Path, shown
from stream_drift.config.schema import ConfigPart
from stream_drift.config.secret_files import is_secret
from stream_drift.config.words import words_for

KEY_MARK = "[key]"
"""Pydantic's last step where the name itself, and not what it leads to, is wrong."""
STAND_INS: dict[str, Any] = {
    "carries": ["features"],
    "channels.type": "webhook",
    "entity": "-",
    "equals": "-",
    "field": "-",
    "inputs": [{"topic": "-", "carries": ["features"]}],
    "of": "*",
    "reference": "-",
    "since": "1970-01-01T00:00:00Z",
    "until": "1970-01-02T00:00:00Z",
    "score": "psi",
    "task": "regression",
    "topic": "-",
    "type": "number",
    "value": "-",
    "window": "pane",
}
"""What takes the place of a missing required key while the rest is looked at."""
MOST_REPAIRS = 5


def validate(document: Document) -> tuple[ConfigPart | None, frozenset[Path]]:
    """Check every key by itself.

    Returns
    -------
    tuple
        The configuration without its broken parts (``None`` where too little is left), and the
        paths of what was broken: nothing that a rule says about these can be trusted.
    """
    broken = {mistake.path for mistake in document.mistakes}
    data: Any = copy.deepcopy(document.data)
    for attempt in range(MOST_REPAIRS):
        try:
            return ConfigPart.model_validate(data), frozenset(broken)
        except ValidationError as error:
            errors = error.errors(include_url=False)
        if attempt == 0:
            _complain(document, errors, broken)
        for each in errors:
            broken.add(_repair(data, each))
    return None, frozenset(broken)


def _complain(document: Document, errors: Sequence[ErrorDetails], broken: Iterable[Path]) -> None:
    told = set(broken) - {()}
    meant = {path for error in errors if (path := _meant(error)) is not None}
    for error in errors:
        path = error["loc"]
        if any(path[: len(known)] == known for known in told) or path in meant:
            continue
        if error["type"] == "too_short" and any(_is_below(each["loc"], path) for each in errors):
            continue  # it has entries, and each of them is wrong
        match error["type"]:
            case "missing":
                text = f"required key {path[-1]!r} is missing"
                parent = _present(document, path[:-1])
                document.complain(document.key_place(parent), parent, text)
            case "extra_forbidden":
                document.complain(document.key_place(path), path, unknown_key(path)[0])
            case _:
                _complain_value(document, error)


def _is_below(path: Path, other: Path) -> bool:
    return len(path) > len(other) and path[: len(other)] == other


def _complain_value(document: Document, error: ErrorDetails) -> None:
    path, value = error["loc"], error["input"]
    text, meant = words_for(error["type"], error.get("ctx", {}), value)
    if path[-1] == KEY_MARK:
        path = path[:-1]
        document.complain(document.key_place(path), path, text)
        return
    path = _present(document, path)
    if error["type"] != "too_short":
        text += f", not {_quoted(path, value)}"
    if meant is not None:
        text += f"; did you mean {meant!r}?"
    document.complain(document.value_place(path), path, text)


def _quoted(path: Path, value: object) -> str:
    return "the hidden value" if isinstance(value, str) and is_secret(path) else shown(value)


def _meant(error: ErrorDetails) -> Path | None:
    """The missing key that an unknown one beside it was meant to be."""
    if error["type"] != "extra_forbidden":
        return None
    meant = unknown_key(error["loc"])[1]
    return None if meant is None else (*error["loc"][:-1], meant)


def _present(document: Document, path: Path) -> Path:
    """The path as far as the file has it: a shorthand has fewer steps than what it means."""
    while path and path not in document.values:
        path = path[:-1]
    return path


def _repair(data: Node, error: ErrorDetails) -> Path:
    """Take out what the error is about, or put a stand-in for what is missing; say where.

    A list with a broken entry goes as a whole: the places of the others must not shift.
    """
    path: Path = ()
    holder: tuple[dict[str, Node], str] | None = None
    node = data
    for step in error["loc"]:
        if isinstance(node, dict) and step != KEY_MARK:
            holder, path = (node, str(step)), (*path, step)
            node = node.get(str(step))
        elif isinstance(node, list) and isinstance(step, int) and isinstance(node[step], dict):
            path, node = (*path, step), node[step]
        else:
            break
    if holder is None:
        return path
    mapping, key = holder
    if error["type"] == "missing" and path == error["loc"]:
        stand_in = STAND_INS.get(f"{path[0]}.{key}", STAND_INS.get(key))
        mapping[key] = copy.deepcopy(stand_in)
    else:
        mapping.pop(key, None)
    return path
