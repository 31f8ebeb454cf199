"""The domain classifier: right about what it says, and fair about what it does not know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from benchmarks.joint_streams import HOUR_MS, JointKind, JointStream
from stream_drift.detection.domain import DomainClassifier
from stream_drift.detection.logistic import fit_logistic
from stream_drift.profiles.rows import PaneRows, Row
from stream_drift.scoring.classifier_scores import classifier_lines, tally
from stream_drift.scoring.table import ScoreLine

WINDOWS = (("2h", 2 * HOUR_MS),)
SMALL = JointKind(n_features=4)


@pytest.fixture(scope="module")
def stream() -> JointStream:
    return JointStream(SMALL, seed=1)


def live(stream: JointStream, n: int, shift: float, missing: float = 0.0) -> PaneRows:
    """Rows whose third feature is shifted."""
    table = stream.rows(n, 0.5)
    table[:, 2] += shift
    table[: int(n * missing), 2] = np.nan
    values = [tuple(None if x != x else x for x in row) for row in table.tolist()]  # noqa: PLR0124 # NaN
    rows = tuple(Row(i, b"", i, row) for i, row in enumerate(values))
    return PaneRows(stream.reference.layout.names, 1.0, rows)


def trained(stream: JointStream, rows: PaneRows) -> DomainClassifier:
    found = DomainClassifier(stream.reference, WINDOWS)
    found.learn(0, rows)
    return found


def by_name(lines: list[ScoreLine]) -> dict[tuple[str | None, str], ScoreLine]:
    return {(line.feature, line.score): line for line in lines}


def test_the_rule_is_that_of_scikit_learn() -> None:
    chance = np.random.default_rng(1)
    ours, theirs = chance.normal(0.3, 1, (900, 5)), chance.normal(0, 1, (900, 5))
    constant, slopes = fit_logistic(ours, theirs)
    rows, sides = np.concatenate([ours, theirs]), np.repeat([1, 0], 900)
    expected = LogisticRegression(C=1.0, tol=1e-10, max_iter=1_000).fit(rows, sides)
    assert slopes == pytest.approx(expected.coef_[0], abs=1e-3)
    assert constant == pytest.approx(expected.intercept_[0], abs=1e-3)


def test_rows_that_can_be_told_apart_for_sure_still_end() -> None:
    sure = np.linspace(1, 2, 500)[:, None]
    constant, slopes = fit_logistic(sure, -sure)
    assert np.isfinite(constant)
    assert 1 < slopes[0] < 100


def test_the_area_is_that_of_scikit_learn() -> None:
    chance = np.random.default_rng(2)
    ours, theirs = np.round(chance.normal(0.4, 1, 700), 1), np.round(chance.normal(0, 1, 900), 1)
    accuracy, area = classifier_lines(tally(ours, np.sort(theirs)), 900)
    scores, sides = np.concatenate([ours, theirs]), np.repeat([1, 0], [700, 900])
    assert area.value == pytest.approx(roc_auc_score(sides, scores), abs=1e-6)
    assert accuracy.value == pytest.approx(((ours > 0).mean() + (theirs <= 0).mean()) / 2, abs=1e-6)


def test_tallies_of_two_panes_are_that_of_both() -> None:
    chance = np.random.default_rng(3)
    ours, theirs = chance.normal(0.4, 1, 700), np.sort(chance.normal(0, 1, 900))
    parts = tally(ours[:300], theirs) + tally(ours[300:], theirs)
    assert (parts == tally(ours, theirs)).all()


def test_clean_rows_cannot_be_told_apart(stream: JointStream) -> None:
    found = trained(stream, live(stream, 1_000, 0))
    found.close_pane(0, HOUR_MS, live(stream, 1_000, 0))
    accuracy, area = found.pane_lines()[:2]
    for line in (accuracy, area):
        assert line.low is not None
        assert line.high is not None
        assert line.low < 0.5 < line.high


def test_a_shift_is_seen_and_its_feature_contributes_most(stream: JointStream) -> None:
    found = trained(stream, live(stream, 2_000, 0.5))
    found.close_pane(0, HOUR_MS, live(stream, 1_000, 0.5))
    lines = by_name(found.pane_lines())
    area = lines[None, "classifier_auc"]
    assert area.n == 1_000
    assert area.value == pytest.approx(0.638, abs=0.03)  # of a shift of half an sd
    assert area.low is not None
    assert area.low > 0.55
    shares = {name: lines[name, "classifier_contribution"].value for name in ("x00", "x02")}
    assert shares["x02"] == pytest.approx(1, abs=0.1)
    assert shares["x00"] == pytest.approx(0, abs=0.1)


def test_values_that_go_missing_are_seen(stream: JointStream) -> None:
    found = trained(stream, live(stream, 1_000, 0, missing=0.5))
    found.close_pane(0, HOUR_MS, live(stream, 1_000, 0, missing=0.5))
    area = found.pane_lines()[1]
    assert area.value == pytest.approx(0.75, abs=0.03)


def test_a_window_holds_the_panes_of_its_length(stream: JointStream) -> None:
    found = trained(stream, live(stream, 1_000, 0))
    for i in range(4):
        found.close_pane(i * HOUR_MS, (i + 1) * HOUR_MS, live(stream, 100, 0))
    assert found.window_lines("2h")[1].n == 200


@pytest.mark.parametrize("n", [0, 10])
def test_few_rows_say_nothing(stream: JointStream, n: int) -> None:
    found = trained(stream, live(stream, 1_000, 0))
    found.close_pane(0, HOUR_MS, live(stream, n, 0))
    assert [line.status for line in found.pane_lines()[:2]] == ["insufficient"] * 2
    assert found.pane_lines()[0].n == n


def test_without_a_rule_or_reference_rows_there_is_nothing_to_say(stream: JointStream) -> None:
    bare = replace(stream.reference, rows=None)
    for found in (
        DomainClassifier(stream.reference, WINDOWS),
        DomainClassifier(bare, WINDOWS),
    ):
        found.close_pane(0, HOUR_MS, live(stream, 500, 0))
        assert [line.value for line in found.pane_lines()] == [None, None]
    assert not DomainClassifier(bare, WINDOWS).wants_rows(HOUR_MS)


def test_it_trains_once_enough_rows_have_come_at_most_once_per_hour(stream: JointStream) -> None:
    found = DomainClassifier(stream.reference, WINDOWS)
    wanted = []
    for i in range(30):
        start_ms, end_ms = i * HOUR_MS // 3, (i + 1) * HOUR_MS // 3
        found.close_pane(start_ms, end_ms, live(stream, 100, 0))
        if found.wants_rows(end_ms):
            wanted.append(i)
            found.learn(end_ms, live(stream, 500, 0))
    assert wanted[:3] == [1, 5, 9]


def test_a_restart_changes_nothing(stream: JointStream) -> None:
    first = trained(stream, live(stream, 1_000, 0.2))
    first.close_pane(0, HOUR_MS, live(stream, 300, 0.2))
    second = DomainClassifier(stream.reference, WINDOWS)
    second.restore(first.snapshot())
    for found in (first, second):
        rows = live(JointStream(SMALL, seed=9), 300, 0.2)
        found.close_pane(HOUR_MS, 2 * HOUR_MS, rows)
    assert first.pane_lines() == second.pane_lines()
    assert first.window_lines("2h") == second.window_lines("2h")
    assert first.snapshot() == second.snapshot()


def test_the_rule_of_another_reference_is_forgotten(stream: JointStream) -> None:
    other = DomainClassifier(JointStream(SMALL, seed=5).reference, WINDOWS)
    other.restore(trained(stream, live(stream, 1_000, 0.2)).snapshot())
    other.close_pane(0, HOUR_MS, live(stream, 300, 0.2))
    assert other.pane_lines()[0].status == "insufficient"
