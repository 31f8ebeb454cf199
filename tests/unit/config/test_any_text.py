"""Whatever stands in the file, the answer is settings or a readable list of mistakes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stream_drift.config.durations import format_duration, parse_duration
from stream_drift.config.load import load_settings
from stream_drift.errors import ConfigError
from tests.unit.config.test_contract import CONTRACT

LINE = re.compile(r"c\.yaml:[0-9]+:[0-9]+: .+", re.DOTALL)
JARGON = re.compile(
    r"pydantic|input should|valid dictionary|traceback|something else", re.IGNORECASE
)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=9), inner, max_size=2)
    ),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config") / "c.yaml"


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) below ``node``."""
    keys = node.keys() if isinstance(node, dict) else range(len(node))
    found = [(node, key) for key in keys]
    for key in keys:
        if isinstance(node[key], dict | list):
            found += places(node[key])
    return found


def answer(file: Path, text: str) -> list[str]:
    file.write_text(text, "utf-8", errors="surrogatepass")
    try:
        load_settings(file, {})
    except ConfigError as error:
        return str(error).replace(f"{file.parent}/", "").splitlines()
    return []


@given(odd=st.lists(st.tuples(st.integers(0, 10_000), ODD), min_size=1, max_size=3))
def test_odd_values_anywhere_are_settings_or_mistakes(
    file: Path, odd: list[tuple[int, Any]]
) -> None:
    data = yaml.safe_load(CONTRACT.read_text("utf-8"))
    for number, value in odd:
        spots = places(data)
        container, key = spots[number % len(spots)]
        container[key] = value
    for line in answer(file, yaml.safe_dump(data, allow_unicode=True))[:-1]:
        assert LINE.fullmatch(line), line
        assert not JARGON.search(line), line


@given(text=st.text(alphabet=st.sampled_from("ab:{}[]-&*!|>'\"#%@`,? \n\t$\\<~"), max_size=30))
def test_no_text_breaks_the_reader(file: Path, text: str) -> None:
    assert answer(file, f"name: x\nmonitors: {text}\n")


@given(st.integers(0, 10**9))
def test_a_length_of_time_reads_as_it_is_written(seconds: int) -> None:
    text = format_duration(seconds * 1000)
    if len(text) <= 10:
        assert parse_duration(text) == seconds * 1000
