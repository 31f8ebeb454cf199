"""Which keys may stand where: the JSON Schema, and what an unknown key was meant to be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from stream_drift.config.mistakes import Path, nearest, one_of, path_text
from stream_drift.config.schema import ConfigPart

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
OPEN = "…"
VARIABLE = {"type": "string", "pattern": r"\$\{.+\}"}
"""What may stand in place of any number: an environment variable."""


@cache
def config_schema() -> Schema:
    """The JSON Schema of the configuration, for editors and for ``check --schema``."""
    schema = ConfigPart.model_json_schema(by_alias=True, schema_generator=_Generator)
    return {"$schema": DIALECT, **schema, "title": "stream-drift configuration"}


def unknown_key(path: Path) -> tuple[str, str | None]:
    """What to say about the key at ``path``, and the key of the same mapping that was meant."""
    key, parent = str(path[-1]), path[:-1]
    known = sorted({name for node in _nodes_at(parent) for name in node.get("properties", {})})
    meant = nearest(key, known)
    if meant is not None:
        return f"unknown key, did you mean {meant!r}?", meant
    elsewhere = next((place for place in _places_of(key) if _same_section(place, parent)), None)
    if elsewhere is not None:
        return f"unknown key here, it belongs to {path_text(_named(elsewhere, parent))}", None
    return f"unknown key, {one_of(key, known)}", None


class _Generator(GenerateJsonSchema):
    """Numbers may be environment variables, and titles would only repeat the keys."""

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        return {"anyOf": [super().int_schema(schema), VARIABLE]}

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        return {"anyOf": [super().float_schema(schema), VARIABLE]}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _nodes_at(path: Path) -> list[Schema]:
    nodes = [*_open(config_schema())]
    for step in path:
        nodes = [
            inner for node in nodes for child in _children(node, step) for inner in _open(child)
        ]
    return nodes


def _children(node: Schema, step: str | int) -> Iterator[Schema]:
    if isinstance(step, int):
        if "items" in node:
            yield node["items"]
    elif step in node.get("properties", {}):
        yield node["properties"][step]
    elif isinstance(node.get("additionalProperties"), dict):
        yield node["additionalProperties"]


def _open(node: Schema) -> Iterator[Schema]:
    """The node itself, or what it refers to or chooses from."""
    if "$ref" in node:
        yield from _open(config_schema()["$defs"][node["$ref"].rsplit("/", 1)[-1]])
    elif "anyOf" in node:
        for option in node["anyOf"]:
            yield from _open(option)
    else:
        yield node


def _places_of(key: str, node: Schema | None = None, path: Path = ()) -> Iterator[Path]:
    """Mappings that have this key; `OPEN` stands for a name that people choose."""
    for part in _open(config_schema() if node is None else node):
        properties = part.get("properties", {})
        if key in properties:
            yield path
        for name, child in properties.items():
            yield from _places_of(key, child, (*path, name))
        if isinstance(part.get("additionalProperties"), dict):
            yield from _places_of(key, part["additionalProperties"], (*path, OPEN))
        if "items" in part:
            yield from _places_of(key, part["items"], (*path, 0))


def _named(place: Path, parent: Path) -> Path:
    """The place with the names of ``parent`` as far as the two run together."""
    names = dict(enumerate(parent))
    return tuple(names.get(i, step) if step == OPEN else step for i, step in enumerate(place))


def _same_section(place: Path, parent: Path) -> bool:
    """Whether the mapping lies in the section of ``parent`` (`_places_of` leaves names open)."""
    return bool(place) and (not parent or place[0] == parent[0])
