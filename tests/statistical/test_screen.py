"""The benchmark's cheap look at clean streams sees the evidence that the detector has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.detection_cases import HOUR, REAL
from benchmarks.detection_screen import Screen
from benchmarks.detection_streams import HOUR_MS, START_MS, Change, Stream, StreamKind
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.settings import DAY_MS, BudgetSettings

WEEK = BudgetSettings(learning_ms=7 * DAY_MS)
N_PANES = 24 * 28


@pytest.mark.parametrize(
    ("kind", "apart"),
    [
        (replace(REAL, n_features=3, pane_ms=HOUR_MS, gaps=0.1), 1e-3),
        (replace(HOUR, n_features=3, rare=True), 1e-3),
        # What waits for the next pane is forgotten at other moments.
        (replace(HOUR, n_features=3, n=15), 0.1),
    ],
    ids=["numbers", "indicators", "thin panes"],
)
def test_screen_has_the_evidence_and_the_noise_of_the_policy(
    kind: StreamKind, apart: float
) -> None:
    shares, states = [], []
    for policy in (BudgetPolicy, Screen):
        stream = Stream(kind, 3)
        watched = policy(WEEK, stream.reference())
        found = []
        for start_ms in range(START_MS, START_MS + N_PANES * HOUR_MS, HOUR_MS):
            assert not watched.close_pane(start_ms, stream.pane(start_ms))
            if start_ms > START_MS + 11 * DAY_MS:
                found.append(watched.evidence()[None])
        shares.append(found)
        states.append(watched.baseline_state(0))
    assert states[0] == states[1]
    np.testing.assert_allclose(shares[0], shares[1], rtol=apart)


def test_screen_is_near_where_the_policy_opens() -> None:
    stream = Stream(replace(HOUR, n_features=3), 3)
    screen = Screen(WEEK, stream.reference())
    for i in range(24 * 23):
        screen.close_pane(START_MS + i * HOUR_MS, stream.pane(START_MS + i * HOUR_MS))
    assert not screen.near
    for i in range(24 * 23, 24 * 25):
        pane = stream.pane(START_MS + i * HOUR_MS, Change(shift=0.5))
        screen.close_pane(START_MS + i * HOUR_MS, pane)
    assert screen.near
