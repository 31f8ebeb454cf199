"""YAML text to a document, with the place of every key and value."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from stream_drift.config.document import Document, Node, Quoted
from stream_drift.config.mistakes import Path, Place

MAX_NODES = 100_000
"""Aliases of aliases can grow without bound; no honest configuration is as large."""
NULLS = ("", "~", "null", "Null", "NULL")
MERGE = "<<"
QUOTED_NAME = re.compile(r" '(?!<)[^']{2,}'")


def read_document(text: str, source: str) -> Document:
    """The content of one YAML file; whatever cannot be used is among the mistakes.

    Plain scalars follow no type rules of YAML: ``no``, ``1e3`` and ``2026-01-01`` are texts.
    """
    document = Document(source)
    try:
        _read(document, yaml.compose(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        # The mark's snippet and the names of aliases are left out: they could show a secret.
        mark = error.problem_mark or error.context_mark
        place = _place(source, mark) if mark else Place(source, 1, 1)
        problem = QUOTED_NAME.sub("", error.problem or error.context or "")
        document.complain(place, (), f"this is no valid YAML: {problem}")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        document.complain(Place(source, line, 1), (), "this is no valid YAML: a control character")
    except RecursionError:
        document.complain(Place(source, 1, 1), (), "this is nested too deeply")
    return document


def _read(document: Document, root: yaml.Node | None) -> None:
    if isinstance(root, yaml.MappingNode):
        document.data = _Reader(document).mapping(root, ())
        return
    text = "the file is empty" if root is None else "the file must be a mapping (key: value)"
    place = Place(document.source, 1, 1)
    document.complain(place, (), f"{text}; stream-drift init writes one")


def read_flow(document: Document, place: Place, path: Path, text: str) -> Node:
    """The value of an environment variable: a text, or YAML where it starts a list or mapping."""
    if not text.startswith(("[", "{")):
        return text
    inner = read_document(f"value: {text}", str(place))
    for mistake in inner.mistakes:
        document.complain(place, path, mistake.text)
    return inner.data.get("value")


class _Reader:
    """Walks YAML nodes once, noting places and mistakes in the document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: set[int] = set()
        self._n_nodes = 0

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Node]:
        """Its entries; those that ``<<`` merges in come last and replace nothing."""
        found: dict[str, Node] = {}
        merged: list[yaml.MappingNode] = []
        for key, value in node.value:
            if _is_merge(key):
                merged.extend(self._merged(value, path))
            elif (name := self._name(key, path)) is not None and self._is_first(key, path, name):
                found[name] = self._convert(value, (*path, name))
        for other in merged:
            for key, value in other.value:
                if _is_merge(key):
                    merged.extend(each for each in self._merged(value, path) if each not in merged)
                elif (name := self._name(key, path)) is not None and name not in found:
                    self._document.keys[*path, name] = self._place(key)
                    found[name] = self._convert(value, (*path, name))
        return found

    def _convert(self, node: yaml.Node, path: Path) -> Node:
        place = self._value_place(node, path)
        self._document.values[path] = place
        self._n_nodes += 1
        if id(node) in self._open or self._n_nodes > MAX_NODES:
            self._document.complain(
                place, path, "its aliases lead back to itself or grow too large"
            )
            return None
        if not node.tag.startswith("tag:yaml.org,2002:"):
            text = "YAML tags (!…) have no meaning here; put the text in quotes"
            self._document.complain(place, path, text)
            return None
        self._open.add(id(node))
        converted = self._content(node, path)
        self._open.discard(id(node))
        return converted

    def _value_place(self, node: yaml.Node, path: Path) -> Place:
        """Where it starts; a block of lines is better found by the key above it."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            return self._document.keys.get(path) or self._place(node)
        return self._place(node)

    def _place(self, node: yaml.Node) -> Place:
        return _place(self._document.source, node.start_mark)

    def _content(self, node: yaml.Node, path: Path) -> Node:
        match node:
            case yaml.MappingNode():
                return self.mapping(node, path)
            case yaml.SequenceNode():
                return [self._convert(each, (*path, i)) for i, each in enumerate(node.value)]
            case yaml.ScalarNode(style=None):
                return None if node.value in NULLS else str(node.value)
            case _:
                return Quoted(node.value)

    def _name(self, key: yaml.Node, path: Path) -> str | None:
        if isinstance(key, yaml.ScalarNode):
            return str(key.value)
        place = self._place(key)
        self._document.complain(place, path, "a key must be a plain text")
        return None

    def _is_first(self, key: yaml.Node, path: Path, name: str) -> bool:
        place = self._place(key)
        first = self._document.keys.setdefault((*path, name), place)
        if first is place:
            return True
        text = f"this key stands twice, first in line {first.line}"
        self._document.complain(place, (*path, name), text)
        return False

    def _merged(self, node: yaml.Node, path: Path) -> Iterator[yaml.MappingNode]:
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for part in parts:
            if isinstance(part, yaml.MappingNode):
                yield part
            else:
                place = self._place(part)
                self._document.complain(place, path, "'<<' must be followed by a mapping")


def _is_merge(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode) and key.value == MERGE and key.style is None


def _place(source: str, mark: yaml.Mark) -> Place:
    return Place(source, mark.line + 1, mark.column + 1)
