"""The policy is a function of the panes' counts: not of who counted them, nor of restarts."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.detection_streams import HOUR_MS, START_MS, Change, Stream, StreamKind
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.settings import DAY_MS, BudgetSettings
from stream_drift.profiles.profile import Profile

KIND = StreamKind(n_features=2, n=100.0, pane_ms=HOUR_MS, missing=0.02)
SETTINGS = BudgetSettings(learning_ms=4 * DAY_MS)
N_PANES = 120
CHANGED_AT = START_MS + 80 * HOUR_MS


def parts_of(pane: Profile, n_parts: int, rng: np.random.Generator) -> list[Profile]:
    """The pane as several partitions would have counted it."""
    parts = [Profile.empty(pane.layout) for _ in range(n_parts)]
    shares = rng.multinomial(pane.additive, np.full(n_parts, 1 / n_parts))
    for part, share in zip(parts, shares.T, strict=True):
        part.additive[:] = share
    return parts


@settings(max_examples=5)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_partitions_merged_in_any_order_give_identical_evidence(seed: int, n_parts: int) -> None:
    rng = np.random.default_rng(seed)
    stream = Stream(KIND, seed % 1000)
    reference = stream.reference()
    whole, merged = (BudgetPolicy(SETTINGS, reference) for _ in range(2))
    for i in range(20):
        start_ms = START_MS + i * HOUR_MS
        pane = stream.pane(start_ms)
        parts = parts_of(pane, n_parts, rng)
        total = Profile.empty(pane.layout)
        for place in rng.permutation(n_parts):
            total.add(parts[place])
        whole.close_pane(start_ms, pane)
        merged.close_pane(start_ms, total)
    assert whole.snapshot() == merged.snapshot()


@settings(max_examples=6)
@given(st.integers(0, 1000), st.sets(st.integers(0, N_PANES - 1), min_size=1, max_size=6))
def test_restarts_change_nothing(seed: int, restarts: set[int]) -> None:
    stream = Stream(KIND, seed)
    reference = stream.reference()
    steady, restarted = (BudgetPolicy(SETTINGS, reference) for _ in range(2))
    for i in range(N_PANES):
        start_ms = START_MS + i * HOUR_MS
        pane = stream.pane(start_ms, Change(missing=0.8), CHANGED_AT)
        if i in restarts:
            state = restarted.snapshot()
            restarted = BudgetPolicy(SETTINGS, reference)
            assert restarted.restore(state)
        assert restarted.close_pane(start_ms, pane) == steady.close_pane(start_ms, pane)
    assert restarted.snapshot() == steady.snapshot()
    assert restarted.evidence() == steady.evidence()
