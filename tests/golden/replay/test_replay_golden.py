"""The files that ``replay`` writes, byte for byte; `make_golden` says how they were made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.replay.make_golden import HERE, replay


@pytest.mark.parametrize("name", ["scores.jsonl", "alerts.jsonl"])
def test_output_is_what_it_was(tmp_path: Path, name: str) -> None:
    assert replay(tmp_path) == 3
    assert (tmp_path / name).read_text() == (HERE / name).read_text()
