from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from stream_drift.detection.audit import FACTORS, Audit, audit_limit
from stream_drift.detection.clean_panes import CleanPanes
from stream_drift.detection.confidence import e_benjamini_hochberg
from stream_drift.detection.directions import direction_table
from stream_drift.detection.measure import Measure
from stream_drift.detection.noise import Noise, estimate_noise
from stream_drift.detection.season import HOUR_MS, cell_of, estimate_season, is_weekend
from stream_drift.detection.settings import BudgetSettings
from stream_drift.detection.snapshot import freeze, thaw
from stream_drift.detection.trend import trending
from stream_drift.detection.wander import Wander
from stream_drift.errors import WireFormatError
from tests.unit.detection.building import layout, profile, reference

Array = NDArray[np.float64]
TWO_WEEKS = 14 * 24
MONDAY_MS = 4 * 24 * HOUR_MS
"""1970 began on a Thursday."""


def hours(n: int = TWO_WEEKS) -> tuple[list[int], NDArray[np.int64]]:
    blocks = [MONDAY_MS // HOUR_MS + i for i in range(n)]
    return blocks, np.array([cell_of(block * HOUR_MS, UTC) for block in blocks])


def test_hours_and_weekends_are_those_of_the_place() -> None:
    late_friday = MONDAY_MS + (5 * 24 - 1) * HOUR_MS
    assert cell_of(late_friday, UTC) == 23
    assert cell_of(late_friday, ZoneInfo("Europe/Zurich")) == 24
    assert not is_weekend(late_friday, HOUR_MS, UTC)
    assert is_weekend(late_friday, HOUR_MS, ZoneInfo("Europe/Zurich"))


def test_season_is_found_where_there_is_one_and_flat_where_there_is_none() -> None:
    blocks, cells = hours()
    rng = np.random.default_rng(1)
    wave = 0.15 * np.sin(2 * np.pi * (cells % 24) / 24) + 0.1 * (cells >= 24)
    means = np.stack([wave, 0 * wave], axis=1) + 0.013 * rng.standard_normal((TWO_WEEKS, 2))
    season = estimate_season(means, cells, blocks)
    assert np.abs(season.levels[cells, 0] - wave).max() < 0.03
    assert np.ptp(season.levels[:, 1]) < 0.01
    assert season.seasonal[0] > 0.9


def test_season_of_thin_or_missing_hours_is_finite() -> None:
    blocks, cells = hours(30)
    means = np.full((30, 2), np.nan)
    means[3:9, 0] = 0.4
    season = estimate_season(means, cells, blocks)
    assert np.isfinite(season.levels).all()
    assert season.levels[5, 0] == pytest.approx(0.4, abs=0.05)


def test_level_between_hours_lies_on_a_line() -> None:
    blocks, cells = hours()
    season = estimate_season((cells % 24)[:, None].astype(float), cells, blocks)
    quarter = HOUR_MS // 4
    found = [season.at(MONDAY_MS + i * quarter, quarter, UTC)[0] for i in range(40, 44)]
    steps = np.diff(found)
    assert steps == pytest.approx(steps[0])


def learned(wander: float, memory: float, n: float = 500.0, n_panes: int = 4032) -> Noise:
    """Noise estimated from 14 days of 5-minute panes of twenty directions."""
    rng = np.random.default_rng(2)
    k = 20
    clean, level = CleanPanes(k), wander * rng.standard_normal(k)
    everyone, ones = np.ones(k, bool), np.ones(k)
    for pane in range(n_panes):
        shock = wander * np.sqrt(1 - memory**2) * rng.standard_normal(k)
        level = memory * level + shock
        means = level + rng.standard_normal(k) / np.sqrt(n)
        clean.add(pane, pane // 12, means, n * ones, ones, everyone)
    cells = np.array([block % 24 for block in clean.blocks])
    season = estimate_season(clean.table, cells, clean.blocks)
    return estimate_noise(clean, season, cells, np.zeros(k, np.int64))


def test_independent_events_show_no_wander() -> None:
    noise = learned(0.0, 0.0)
    assert np.median(noise.wander) == 0
    assert noise.within == pytest.approx(1, abs=0.1)
    assert noise.slack.max() < 0.02


@pytest.mark.parametrize("memory", [0.9, 0.99])
def test_wander_is_told_from_white_noise(memory: float) -> None:
    noise = learned(0.05, memory)
    assert np.sqrt(np.median(noise.wander)) == pytest.approx(0.05, rel=0.15)
    assert np.median(noise.memory) == pytest.approx(memory, abs=0.03)
    assert np.median(noise.within) == pytest.approx(1, abs=0.15)


def test_filter_follows_slow_levels_and_distrusts_one_glitch() -> None:
    noise = Noise(*(np.array([value]) for value in (1.0, 0.0025, 0.95, 0.0, 0.0, 1.0, 0.1)))
    wander = Wander.start(noise)
    everyone, total = np.ones(1, bool), np.array([0.004])
    for pane in range(100):
        expected = wander.predict(pane, noise)
        wander = expected.correct(pane, 0.05 - expected.level, total, everyone)
    assert 0.03 < wander.level[0] < 0.05
    assert 0.5 < wander.absorbed[0] < 1
    calm = wander.level[0]
    glitched = wander.predict(100, noise).correct(100, np.array([40.0]), total, everyone)
    assert glitched.level[0] - calm < 3 * np.sqrt(0.004)


def test_filter_forgets_over_a_gap() -> None:
    noise = Noise(*(np.array([value]) for value in (1.0, 0.0025, 0.9, 0.0, 0.0, 1.0, 0.1)))
    wander = Wander(np.array([0.1]), np.array([1e-4]), np.array([0.5]), np.array([10]))
    after = wander.predict(60, noise)
    assert after.level[0] < 0.001
    assert after.variance[0] == pytest.approx(0.0025, rel=0.01)
    assert after.absorbed[0] < 0.01


def test_trends_are_told_from_wander_and_from_weekends() -> None:
    blocks, cells = hours()
    rng = np.random.default_rng(3)
    noise = 0.02 * rng.standard_normal(TWO_WEEKS)
    steady, weekend = noise, noise + 0.3 * (cells >= 24)
    rising = noise + np.linspace(0, 0.4, TWO_WEEKS)
    values = np.stack([steady, weekend, rising], axis=1)
    days = np.array(blocks) // 24
    floors = np.full(3, 0.05)
    assert trending(values, days, cells >= 24, floors).tolist() == [False, False, True]
    assert not trending(values[:48], days[:48], cells[:48] >= 24, floors).any()


def test_audit_takes_the_least_factor_that_stays_quiet() -> None:
    audit = Audit.start(1, 0)
    everyone, weights, one = np.ones(1, bool), np.ones(1), np.ones(1)
    loud = np.full((1, 2, 2, 6), 3.0)
    for _ in range(3):
        audit.add((loud, one, 1e6 * one), weights, everyone, 0)
    assert audit.factor(100) == 1.0  # the day is not over
    audit.add((0 * loud, one, one), weights, everyone, 1)
    assert audit.factor(1e6) == FACTORS[0]
    assert FACTORS[0] < audit.factor(100) < FACTORS[-1]
    assert audit.factor(0) == FACTORS[-1]
    audit.discard()
    assert not audit.mixed.any()


def test_audit_limit_is_a_tenth_of_the_threshold_but_not_less_than_chance() -> None:
    assert [audit_limit(a) for a in (8640, 720, 100)] == [864, 100, 50]


def test_nobody_is_confirmed_without_evidence() -> None:
    assert not e_benjamini_hochberg(np.ones(5)).any()


def test_thin_panes_wait_and_add_up() -> None:
    table = direction_table(reference(), BudgetSettings())
    measure = Measure(table)
    bins = {"age": [0, *[1] * 10, 0], "city": [8, 2, 0, 0]}
    pane = profile(layout(), bins)
    first = measure.means(measure.tally(pane, np.zeros((1, len(table)))))
    assert first.ready.sum() == 1  # volume alone
    waiting = measure.thin(first)
    assert waiting is not None
    both = measure.means(measure.tally(pane, np.zeros((1, len(table)))).plus(waiting))
    assert both.ready.all()
    assert both.n[0] == 20
    assert both.means[-1] == pytest.approx(np.log(10))
    assert measure.thin(both) is None


def test_snapshot_of_something_else_is_refused() -> None:
    for data in (b"", b"\xc1", freeze({"~": "Stranger"})):
        with pytest.raises(WireFormatError):
            thaw(data)
