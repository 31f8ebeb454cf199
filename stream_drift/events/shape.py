"""Which keys of an event are read: the mapping's paths as a tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stream_drift.events.mapping import EventMapping, Path


@dataclass(frozen=True, slots=True)
class Shape:
    """The keys read from one JSON object.

    A row of an object is one value per key, in this order: numbers, scalars, then branches, each
    of which is an object with a row of its own or ``None``.

    Attributes
    ----------
    numbers
        Keys that only number features read.
    scalars
        Keys that a category, the id, the time or the filter reads.
    branches
        Keys of the objects that nested paths lead through.
    """

    numbers: tuple[str, ...] = ()
    scalars: tuple[str, ...] = ()
    branches: tuple[tuple[str, Shape], ...] = ()

    @property
    def leaves(self) -> tuple[str, ...]:
        """The keys of values: numbers, then scalars."""
        return self.numbers + self.scalars

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a row's values, in order."""
        return self.leaves + tuple(key for key, _ in self.branches)


def flat_key(path: Path) -> Path:
    """The path of the flat key that stands for a nested one: ``("price.adr",)``."""
    return (".".join(path),)


def read_paths(mapping: EventMapping) -> dict[Path, bool]:
    """Every path that is read, nested ones also as flat keys; true where only as a number."""
    paths: dict[Path, bool] = {}
    for field in mapping.numbers:
        paths |= dict.fromkeys((field.path, flat_key(field.path)), True)
    for path in _scalar_paths(mapping):
        paths |= dict.fromkeys((path, flat_key(path)), False)
    return paths


def _scalar_paths(mapping: EventMapping) -> Iterator[Path]:
    yield from (field.path for field in mapping.categories)
    if mapping.where is not None:
        yield mapping.where.path
    yield from (path for path in (mapping.event_id, mapping.time) if path is not None)


def compile_shape(paths: Mapping[Path, bool]) -> Shape:
    """The shape that holds all ``paths``, which are true where only a number is read."""
    below: dict[str, dict[Path, bool]] = {}
    for path, is_number in paths.items():
        if len(path) > 1:
            below.setdefault(path[0], {})[path[1:]] = is_number
    return Shape(
        numbers=tuple(path[0] for path in paths if len(path) == 1 and paths[path]),
        scalars=tuple(path[0] for path in paths if len(path) == 1 and not paths[path]),
        branches=tuple((key, compile_shape(inner)) for key, inner in below.items()),
    )
