"""Correlations as directions: what they measure, what they bet, and what an incident says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.joint_streams import HOUR_MS, JointKind, JointStream
from stream_drift.detection.bets import SIZES
from stream_drift.detection.bettor import SPARE
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.contrast import LEAST_PANES, Contrast, inverse_correlations
from stream_drift.detection.decision import Opened
from stream_drift.detection.directions import direction_table
from stream_drift.detection.pairs import LOST_EVENTS, Pairs
from stream_drift.detection.settings import DAY_MS, BudgetSettings
from stream_drift.profiles.profile import Profile

START_MS = 1_704_067_200_000
SMALL = JointKind(n_features=3)
WEEK = BudgetSettings(learning_ms=7 * DAY_MS)


@pytest.fixture(scope="module")
def stream() -> JointStream:
    return JointStream(SMALL, seed=1)


def z_of(stream: JointStream, profile: Profile) -> tuple[np.ndarray, np.ndarray]:
    """Events and z of the three pairs, all together left out."""
    pairs = Pairs.of(stream.reference.profile)
    both, z = pairs.measure(pairs.sums(profile))
    return both[:-1], z[:-1]


def test_the_reference_is_where_the_correlation_stands(stream: JointStream) -> None:
    pairs = Pairs.of(stream.reference.profile)
    assert np.tanh(pairs.z[:-1]) == pytest.approx([0.5, 0, 0], abs=0.02)
    _, z = pairs.measure(pairs.sums(stream.reference.profile))
    assert z == pytest.approx(0, abs=1e-12)


def test_a_change_of_one_correlation_moves_its_pair_alone(stream: JointStream) -> None:
    _, z = z_of(stream, stream.counted(stream.rows(50_000, 0.25)))
    assert z == pytest.approx([np.arctanh(0.25) - np.arctanh(0.5), 0, 0], abs=0.02)


def test_features_that_shift_and_stretch_move_no_pair(stream: JointStream) -> None:
    rows = stream.rows(50_000, 0.5) * [1.5, 1, 1] + [0.5, 0.3, 0]
    _, z = z_of(stream, stream.counted(rows))
    assert z == pytest.approx(0, abs=0.04)


def test_values_that_go_missing_move_no_pair(stream: JointStream) -> None:
    rows = stream.rows(50_000, 0.5)
    rows[np.random.default_rng(1).random(50_000) < 0.4, 0] = np.nan
    both, z = z_of(stream, stream.counted(rows))
    assert both == pytest.approx([30_000, 30_000, 50_000], rel=0.02)
    assert z == pytest.approx(0, abs=0.03)


def test_constant_and_missing_features_have_no_correlation(stream: JointStream) -> None:
    rows = stream.rows(100, 0.5)
    rows[:, 0], rows[:, 1] = 1.0, np.nan
    both, z = z_of(stream, stream.counted(rows))
    assert both.tolist() == [0, 0, 0]
    assert z.tolist() == [0, 0, 0]


def test_without_counted_pairs_there_are_no_directions_of_them(stream: JointStream) -> None:
    plain = replace(stream.reference.layout, extras=())
    table = direction_table(Profile.empty(plain), WEEK)
    assert len(table.pairs) == 0
    assert table.first_pair == table.volume


def test_the_group_has_its_share_of_the_weight(stream: JointStream) -> None:
    table = direction_table(stream.reference.profile, WEEK)
    weights = table.weights[table.first_pair : table.volume]
    assert weights == pytest.approx([0.1 / 3] * 3 + [0.05])
    assert table.weights.sum() == pytest.approx(1)
    assert table.by_feature(table.weights).sum() == pytest.approx(1)


@pytest.mark.parametrize(("n", "correlation"), [(20, 0.0), (20, 0.5), (60, 0.9), (500, 0.5)])
def test_bets_on_a_pair_are_e_values(n: int, correlation: float) -> None:
    chance, n_panes = np.random.default_rng(n), 40_000
    means = chance.standard_normal((n_panes, n, 2)) if n < 100 else None
    if means is None:
        covariance = np.array([[1, correlation], [correlation, 1]])
        scatter = np.array(
            [np.cov(chance.multivariate_normal([0, 0], covariance, n).T) for _ in range(4_000)]
        )
        r = scatter[:, 0, 1] / np.sqrt(scatter[:, 0, 0] * scatter[:, 1, 1])
    else:
        y = correlation * means[..., 0] + np.sqrt(1 - correlation**2) * means[..., 1]
        x = means[..., 0] - means[..., 0].mean(axis=1, keepdims=True)
        y = y - y.mean(axis=1, keepdims=True)
        r = (x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    z = np.arctanh(r) - np.arctanh(correlation)
    for side in (1, -1):
        for size in SIZES[:5]:
            logs = (n - LOST_EVENTS) * (side * size * z - SPARE * size**2 / 2)
            wealth = np.exp(logs)
            assert wealth.mean() < 1 + 4 * wealth.std() / np.sqrt(len(wealth)) + 0.02


def armed(stream: JointStream) -> tuple[BudgetPolicy, int]:
    policy, now_ms = BudgetPolicy(WEEK, stream.reference.profile), START_MS
    while now_ms < START_MS + 21 * DAY_MS + HOUR_MS:
        assert policy.close_pane(now_ms, stream.pane(now_ms)) == ()
        now_ms += HOUR_MS
    assert policy.baseline_state(now_ms).stage == "armed"
    return policy, now_ms


def test_a_weaker_correlation_is_found_within_five_panes_and_names_both_features() -> None:
    stream = JointStream(JointKind(), seed=2)
    policy, now_ms = armed(stream)
    opened = [
        decision
        for i in range(5)
        for decision in policy.close_pane(now_ms + i * HOUR_MS, stream.pane(0, 0.25))
        if isinstance(decision, Opened)
    ]
    (incident,) = opened
    assert {finding.feature for finding in incident.findings} == {"x00", "x01"}
    first = incident.findings[0]
    assert first.reasons[0].startswith("correlation with x0")
    assert len(first.reasons) == 1, "no univariate direction moved"
    assert first.effect == pytest.approx(-0.25, abs=0.12)
    assert first.effect_low is not None
    assert first.effect_high is not None
    assert first.effect_low < -0.25 < first.effect_high < 0


def test_a_shift_of_features_is_not_told_as_a_correlation() -> None:
    stream = JointStream(SMALL, seed=3)
    policy, now_ms = armed(stream)
    told = [
        reason
        for i in range(24)
        for decision in policy.close_pane(now_ms + i * HOUR_MS, stream.pane(0, shift=0.4))
        if isinstance(decision, Opened)
        for finding in decision.findings
        for reason in finding.reasons
    ]
    assert any(reason.startswith("location") for reason in told)
    assert not any(reason.startswith("correlation") for reason in told)


def test_small_shifts_of_many_features_are_found_together() -> None:
    stream = JointStream(JointKind(), seed=5)
    policy, now_ms = armed(stream)
    opened = [
        decision
        for i in range(48)
        for decision in policy.close_pane(now_ms + i * HOUR_MS, stream.pane(0, shift=0.03))
        if isinstance(decision, Opened)
    ]
    (finding,) = opened[0].findings
    assert finding.feature is None
    assert finding.reasons == ("features together moved",)
    assert finding.effect is not None
    assert finding.unit == "sd"
    assert 0.05 < abs(finding.effect) < 0.3
    assert policy.accept(opened[0].entry, now_ms) != ()
    for i in range(48, 96):
        assert policy.close_pane(now_ms + i * HOUR_MS, stream.pane(0, shift=0.03)) == ()


def test_a_shift_of_one_feature_names_that_feature_alone() -> None:
    stream = JointStream(SMALL, seed=6)
    policy, now_ms = armed(stream)
    shifts = np.array([0.0, 0.0, 0.4])
    rows = [stream.rows(500, 0.5) + shifts for _ in range(6)]
    opened = [
        decision
        for i, table in enumerate(rows)
        for decision in policy.close_pane(now_ms + i * HOUR_MS, stream.counted(table))
        if isinstance(decision, Opened)
    ]
    assert [finding.feature for finding in opened[0].findings] == ["x02"]


def test_the_rule_knows_nothing_of_the_pane_that_it_is_tried_on(stream: JointStream) -> None:
    pairs = Pairs.of(stream.reference.profile)
    contrast, inverse = Contrast.start(pairs), inverse_correlations(pairs)
    chance, values = np.random.default_rng(7), []
    for _ in range(4_000):
        locations = chance.multivariate_normal(np.zeros(3), np.linalg.inv(inverse)) / 500**0.5
        values.append(contrast.value(locations, inverse))
        contrast.add(locations, HOUR_MS)
    tried = np.array(values[LEAST_PANES:]) * 500**0.5
    assert tried.mean() == pytest.approx(0, abs=0.06)
    assert tried.std() == pytest.approx(1, abs=0.05)
    missing = np.array([np.nan, 0.0, 0.0])
    assert np.isfinite(contrast.value(missing, inverse))


def test_pairs_survive_a_restart() -> None:
    stream = JointStream(SMALL, seed=4)
    first, second = (BudgetPolicy(WEEK, stream.reference.profile) for _ in range(2))
    panes = [stream.pane(i) for i in range(30)]
    for i, pane in enumerate(panes):
        first.close_pane(START_MS + i * HOUR_MS, pane)
        if i == 10:
            assert second.restore(first.snapshot())
        if i > 10:
            second.close_pane(START_MS + i * HOUR_MS, pane)
    assert first.snapshot() == second.snapshot()


def test_thin_panes_wait_for_the_next(stream: JointStream) -> None:
    policy = BudgetPolicy(WEEK, stream.reference.profile)
    for i in range(6):
        policy.close_pane(START_MS + i * HOUR_MS, stream.counted(stream.rows(8, 0.5)))
    assert policy.baseline is not None
    pairs = slice(policy.directions.first_pair, policy.directions.volume)
    assert policy.baseline.clean.panes[pairs].tolist() == [2, 2, 2, 0]
