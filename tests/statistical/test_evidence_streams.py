"""Seeded simulations of the promise, in seconds; `benchmarks.detection` runs the large form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.detection_streams import HOUR_MS, Change, StreamKind
from stream_drift.detection.decision import Opened
from tests.unit.detection.building import WEEK, Monitor

CALM = StreamKind(n_features=5, n=500.0, pane_ms=HOUR_MS)
REAL = replace(CALM, season=0.15, wander=0.05, memory_h=3.0, volume_wave=0.5)


def opened_once_armed(kind: StreamKind, seed: int) -> int:
    """Incidents in 30 days after arming."""
    monitor = Monitor(kind, seed=seed)
    monitor.feed_days(21)
    return sum(isinstance(decision, Opened) for decision in monitor.feed_days(30))


@pytest.mark.parametrize(
    "kind",
    [
        CALM,
        REAL,
        replace(REAL, weekend=0.1),
        replace(REAL, gaps=0.1),
        replace(CALM, cluster=5),
        replace(CALM, cluster=20),
        replace(CALM, rare=True),
        replace(CALM, n=20.0),
    ],
    ids=["iid", "season and wander", "weekend", "gaps", "x5", "x20", "rare", "20 per hour"],
)
def test_clean_streams_keep_the_budget(kind: StreamKind) -> None:
    assert opened_once_armed(kind, seed=3) <= 1


def test_season_of_the_day_hides_no_change_of_two_fifths_of_an_sd() -> None:
    monitor = Monitor(replace(REAL, n=6_000.0), seed=4)
    monitor.feed_days(22)
    found = monitor.feed_days(3, Change(shift=0.4))
    assert any(isinstance(decision, Opened) for decision in found)


def test_trivial_shift_at_huge_volume_opens_nothing() -> None:
    monitor = Monitor(replace(CALM, n=50_000.0), seed=5)
    monitor.feed_days(22)
    assert monitor.feed_days(30, Change(shift=0.02)) == []


def test_noise_that_grows_widens_the_model_only_after_a_quiet_week() -> None:
    monitor = Monitor(CALM, WEEK, seed=6)
    monitor.feed_days(22)
    before = monitor.policy.baseline
    assert before is not None
    learned = before.model.noise.within[0]
    monitor.stream.kind = replace(CALM, cluster=4, n=2_000.0)
    monitor.feed_days(8)
    assert before.model.noise.within[0] > 2 * learned
    monitor.stream.kind = CALM
    monitor.feed_days(8)
    assert before.model.noise.within[0] > 2 * learned
