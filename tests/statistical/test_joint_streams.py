"""Pairs keep the promise; `benchmarks.joint` runs the large form."""

from __future__ import annotations

import pytest

from benchmarks.joint import CLEAN, Watch
from benchmarks.joint_streams import JointKind


@pytest.mark.parametrize("kind", CLEAN.values(), ids=CLEAN.keys())
def test_clean_streams_keep_the_budget(kind: JointKind) -> None:
    assert len(Watch.armed(kind, seed=1).days(30)) <= 1
