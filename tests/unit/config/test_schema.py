"""The JSON Schema of the configuration, and what is held against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from stream_drift.config.keys import config_schema
from stream_drift.config.validate import STAND_INS
from tests.unit.config.test_contract import CONTRACT, MINIMAL


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every part of the schema that has keys."""
    if isinstance(node, dict):
        if "properties" in node:
            yield node
        for child in node.values():
            yield from objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from objects(child)


def test_every_key_says_what_it_means() -> None:
    undocumented = [
        key
        for part in objects(config_schema())
        for key, content in part["properties"].items()
        if not content.get("description", "").endswith((".", ","))
    ]
    assert undocumented == []
    assert sum(len(part["properties"]) for part in objects(config_schema())) > 50


def test_every_required_key_has_a_stand_in() -> None:
    required = {key for part in objects(config_schema()) for key in part.get("required", ())}
    assert required - {"monitors"} == {key for key in STAND_INS if "." not in key}


@pytest.mark.parametrize(
    "text",
    [
        CONTRACT.read_text("utf-8"),
        MINIMAL,
        MINIMAL + "http: {port: '${PORT:-9464}'}\n",
        MINIMAL + "    model_version: {field: v}\n    detection: {learning: {history: {a: b}}}\n",
        MINIMAL + "channels: [{type: slack, url_file: hook}]\n",
    ],
)
def test_the_schema_accepts_what_the_program_accepts(text: str) -> None:
    schema = config_schema()
    Draft202012Validator.check_schema(schema)
    assert list(Draft202012Validator(schema).iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        MINIMAL + "    windws: [1h]\n",
        MINIMAL + "    pane: often\n",
        MINIMAL + "http: {port: x}\n",
        MINIMAL.replace("number", "numbr"),
        "monitors: {}\n",
    ],
)
def test_the_schema_refuses_what_an_editor_should_mark(text: str) -> None:
    assert list(Draft202012Validator(config_schema()).iter_errors(yaml.safe_load(text)))
