"""Overrides from the environment: ``STREAMDRIFT__HTTP__PORT=0`` sets ``http.port``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stream_drift.config.document import Document, Node
from stream_drift.config.mistakes import Path, Place, one_of
from stream_drift.config.secret_files import FILE_SUFFIX
from stream_drift.config.yaml_text import read_flow

PREFIX = "streamdrift__"
NAMED_SECTIONS = ("monitors",)
"""Sections whose keys are names that people chose: an override cannot invent one."""
DOTTED_SECTIONS = ("kafka",)
"""Sections whose new keys have dots where the variable's name has single underscores."""


def override(document: Document, environ: Mapping[str, str]) -> None:
    """Put every ``STREAMDRIFT__…`` variable into the document.

    Upper and lower case are the same, and ``-``, ``.`` and ``_`` are, so that the name
    ``hotel-cancellation`` can be written in a variable. List entries are numbered from 0. A value
    that starts with ``[`` or ``{`` is read as YAML.
    """
    for variable in sorted(environ):
        if variable.casefold().startswith(PREFIX):
            steps = variable[len(PREFIX) :].split("__")
            _Override(document, variable).set(steps, environ[variable])


class _Override:
    """One variable on its way into the document."""

    def __init__(self, document: Document, variable: str) -> None:
        self._document = document
        self._place = Place(variable)

    def set(self, steps: list[str], value: str) -> None:
        """Walk down to the last step and replace what is there."""
        node: Node = self._document.data
        path: Path = ()
        for step in steps[:-1]:
            key = self._key(node, path, step)
            if key is None:
                return
            path = (*path, key)
            node = self._below(node, key, path)
        key = self._key(node, path, steps[-1])
        if key is not None:
            self._put(node, key, (*path, key), value)

    def _below(self, node: Node, key: str | int, path: Path) -> Node:
        """The part at ``key``; a mapping that is not there yet is made."""
        match node, key:
            case list(), int():
                return node[key]
            case dict(), str():
                if node.get(key) is None:
                    node[key] = {}
                    self._document.values[path] = self._document.keys[path] = self._place
                return node[key]
        return None

    def _put(self, node: Node, key: str | int, path: Path, value: str) -> None:
        parsed = read_flow(self._document, self._place, path, value)
        if isinstance(node, list) and isinstance(key, int):
            node[key] = parsed
        elif isinstance(node, dict) and isinstance(key, str):
            node[key] = parsed
            self._document.keys[path] = self._place
        self._forget(path)
        self._document.values[path] = self._place

    def _forget(self, path: Path) -> None:
        """What stood at and below ``path`` in the file no longer has a place there."""
        for places in (self._document.values, self._document.keys):
            for below in [each for each in places if each[: len(path)] == path and each != path]:
                del places[below]

    def _key(self, node: Node, path: Path, step: str) -> str | int | None:
        match node:
            case dict():
                return self._name(node, path, step)
            case list() if step.isdecimal() and int(step) < len(node):
                return int(step)
            case list():
                self._complain(path, f"has {len(node)} entries, numbered from 0; {step!r} is none")
            case _:
                self._complain(path, f"is a single value in the file; {step!r} cannot be set in it")
        return None

    def _name(self, node: dict[str, Node], path: Path, step: str) -> str | None:
        found = _alike(step, node)
        if len(found) == 1:
            return found[0]
        if found:
            self._complain(path, f"{step!r} may mean any of {', '.join(found)}")
            return None
        if path and path[-1] in NAMED_SECTIONS and len(path) == 1:
            self._complain(path, f"the file has no {step!r}, {one_of(step, node)}")
            return None
        lower = step.lower()
        if path and path[0] in DOTTED_SECTIONS:
            bare = lower.removesuffix(FILE_SUFFIX)
            return bare.replace("_", ".") + lower[len(bare) :]
        return lower

    def _complain(self, path: Path, text: str) -> None:
        self._document.complain(self._place, path, text)


def _alike(step: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if _folded(name) == _folded(step)]


def _folded(name: str) -> str:
    return name.casefold().replace("-", "_").replace(".", "_")
