"""Scores of performance from counts equal what scikit-learn computes from the rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from stream_drift.events.columns import INVALID_CATEGORY
from stream_drift.profiles.label_count import Told, Values, as_numbers, labelled_cells
from stream_drift.profiles.labelled import LabelledLayout
from stream_drift.scoring.performance import PERFORMANCE, performance_lines
from stream_drift.scoring.table import ScoreLine

BINARY = LabelledLayout("binary", ("(other)", "1"), scored=True)
GUESSED = replace(BINARY, has_value=False)
MANY = LabelledLayout("multiclass", ("a", "b", "(other)"))
NUMBER = LabelledLayout("regression", unit=2.5)


def counted(
    layout: LabelledLayout,
    prediction: Values | None,
    label: Values,
    score: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    none = np.full(len(label), np.nan)
    told = Told(
        none if prediction is None else as_numbers(layout, prediction),
        none if score is None else score,
        as_numbers(layout, label),
        np.zeros(len(label), np.bool_),
    )
    return labelled_cells(layout, told).count(layout, slice(None))


def lines(
    layout: LabelledLayout, counts: NDArray[np.int64], *, positives_only: bool = False
) -> dict[str, ScoreLine]:
    found = performance_lines(layout, counts, positives_only=positives_only)
    return {line.score: line for line in found}


def test_a_regression_is_judged_by_its_errors_in_the_units_of_the_label() -> None:
    chance = np.random.default_rng(1)
    y = chance.normal(100, 10, 700)
    predicted = y + chance.normal(0.5, 3, 700)
    found = lines(NUMBER, counted(NUMBER, predicted, y))
    assert found["mae"].value == pytest.approx(metrics.mean_absolute_error(y, predicted), rel=1e-5)
    assert found["rmse"].value == pytest.approx(
        np.sqrt(metrics.mean_squared_error(y, predicted)), rel=1e-5
    )
    assert found["bias"].value == pytest.approx(np.mean(predicted - y), rel=1e-5)


def test_many_classes_are_judged_by_the_means_over_the_classes() -> None:
    chance = np.random.default_rng(2)
    y = chance.choice(["a", "b", "c"], 500, p=[0.6, 0.3, 0.1])
    predicted = np.where(chance.random(500) < 0.7, y, chance.choice(["a", "b", "c"], 500))
    found = lines(MANY, counted(MANY, predicted.tolist(), y.tolist()))
    assert found["accuracy"].value == pytest.approx(metrics.accuracy_score(y, predicted))
    for name, score in (
        ("precision", metrics.precision_score),
        ("recall", metrics.recall_score),
    ):
        assert found[name].value == pytest.approx(score(y, predicted, average="macro"))


def test_events_without_a_label_or_a_prediction_count_only_where_they_belong() -> None:
    predictions: list[object] = [1, 1, 0, None, 1]
    labels: list[object] = [1, None, 0, 1, INVALID_CATEGORY]
    scores = np.array([0.9, 0.8, 0.1, 0.5, np.nan])
    found = lines(BINARY, counted(BINARY, predictions, labels, scores))
    assert (found["accuracy"].value, found["accuracy"].n) == (1.0, 2)
    assert found["label_share"].value == pytest.approx(2 / 3)
    assert found["label_share"].n == 3


def test_a_model_without_classes_predicts_the_more_likely_one() -> None:
    found = lines(GUESSED, counted(GUESSED, None, [1, 0, 1], np.array([0.7, 0.2, 0.4])))
    assert found["accuracy"].value == pytest.approx(2 / 3)


def test_where_only_positives_get_labels_only_their_precision_is_known() -> None:
    counts = counted(BINARY, [1, 1, 0], [1, 0, None], np.array([0.9, 0.6, 0.2]))
    found = lines(BINARY, counts, positives_only=True)
    assert found.keys() == {"precision", "label_share"}
    assert (found["precision"].value, found["label_share"].value) == (0.5, 1.0)


def test_counts_of_parts_add_up_to_the_counts_of_the_whole() -> None:
    chance = np.random.default_rng(3)
    y, score = chance.integers(0, 2, 300).tolist(), chance.random(300)
    whole = counted(GUESSED, None, y, score)
    parts = counted(GUESSED, None, y[:100], score[:100]) + counted(
        GUESSED, None, y[100:], score[100:]
    )
    assert (whole == parts).all()


@pytest.mark.parametrize("layout", [BINARY, MANY, NUMBER])
def test_nothing_is_known_of_nothing(layout: LabelledLayout) -> None:
    for line in performance_lines(layout, layout.empty()):
        assert line.score in PERFORMANCE
        assert (line.value, line.status, line.n) == (None, "insufficient", 0)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    chance, covered, n_runs = np.random.default_rng(4), {"accuracy": 0, "auc": 0, "brier": 0}, 300
    p = chance.beta(2, 2, 200_000)
    y = (chance.random(len(p)) < p).astype(int)
    truth = {
        "accuracy": np.mean((p >= 0.5) == y),
        "auc": metrics.roc_auc_score(y, p),
        "brier": np.mean((p - y) ** 2),
    }
    for _ in range(n_runs):
        rows = chance.integers(0, len(p), 400)
        found = lines(GUESSED, counted(GUESSED, None, y[rows].tolist(), p[rows]))
        for name, value in truth.items():
            low, high = found[name].low, found[name].high
            covered[name] += low is not None and high is not None and low <= value <= high
    assert all(0.91 * n_runs <= n <= 0.985 * n_runs for n in covered.values())


def test_the_page_lists_every_published_score_with_its_meaning() -> None:
    page = (Path(__file__).parents[3] / "docs" / "model-performance.md").read_text()
    for name, meaning in PERFORMANCE.items():
        assert f"| `{name}` | {meaning} |" in page
