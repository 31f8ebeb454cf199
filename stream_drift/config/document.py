"""A configuration on its way from text to settings: what it says, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from stream_drift.config.mistakes import Mistake, Path, Place

Node = dict[str, "Node"] | list["Node"] | str | None
"""Scalars stay texts (the schema knows their types); an empty or null scalar is ``None``."""


class Quoted(str):
    """A text that stood in quotes: ``"17.0"`` is not the number 17."""

    __slots__ = ()


@dataclass(slots=True)
class Document:
    """A configuration on its way to settings.

    Attributes
    ----------
    data
        The content; the steps after reading replace values in it.
    values, keys
        Where each value, and the key before it, was read.
    mistakes
        Found so far.
    """

    source: str
    data: dict[str, Node] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def value_place(self, path: Path) -> Place:
        """Where the value at ``path`` stands, or the nearest thing around it."""
        return _around(self.values, path) or Place(self.source, 1, 1)

    def key_place(self, path: Path) -> Place:
        """Where the key at ``path`` stands; list entries have none, so their value's place."""
        return self.keys.get(path) or self.value_place(path)

    def complain(self, place: Place, path: Path, text: str) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(place, path, text))

    def edit_texts(self, edit: Callable[[Path, str], str | None]) -> None:
        """Replace every text by ``edit(path, text)``."""
        self.data = {key: _edited(value, (key,), edit) for key, value in self.data.items()}


def _around(places: dict[Path, Place], path: Path) -> Place | None:
    inward = (places.get(path[:length]) for length in range(len(path), -1, -1))
    return next((place for place in inward if place is not None), None)


def _edited(node: Node, path: Path, edit: Callable[[Path, str], str | None]) -> Node:
    match node:
        case dict():
            return {key: _edited(value, (*path, key), edit) for key, value in node.items()}
        case list():
            return [_edited(value, (*path, i), edit) for i, value in enumerate(node)]
        case None:
            return None
        case _:
            return edit(path, node)
