"""Performance of the hotel model by day, computed by scikit-learn from the joined file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from stream_drift.scoring.table import ScoreLine
from tests.support import hotel

DAY_MS = 86_400_000
Rows = list[tuple[int, int, float]]
"""(label, predicted class, score)."""


def by_pane(events: Iterable[Mapping[str, Any]]) -> dict[int, Rows]:
    labels, panes = hotel.labels(), defaultdict(list)
    for event in events:
        start = hotel.time_ms(event) // DAY_MS * DAY_MS
        row = labels[event["customer_id"]], int(event["y_pred"]), event["y_pred_proba"]
        panes[start].append(row)
    return panes


def assert_equal_to_sklearn(lines: Mapping[str, ScoreLine], rows: Rows) -> None:
    y, predicted, score = (np.array(column) for column in zip(*rows, strict=True))
    exact = {
        "accuracy": metrics.accuracy_score(y, predicted),
        "precision": metrics.precision_score(y, predicted, zero_division=np.nan),
        "recall": metrics.recall_score(y, predicted, zero_division=np.nan),
        "f1": metrics.f1_score(y, predicted, zero_division=np.nan),
    }
    for name, expected in exact.items():
        if np.isnan(expected):
            assert lines[name].value is None
        else:
            assert lines[name].value == pytest.approx(expected, abs=1e-12)
    assert lines["accuracy"].n == len(rows)
    if len(rows) < 20:
        assert lines["log_loss"].value is None
        return
    close = {
        "log_loss": metrics.log_loss(y, np.clip(score, 1e-6, 1 - 1e-6), labels=[0, 1]),
        "brier": metrics.brier_score_loss(y, score),
        "calibration": np.mean(y) - np.mean(score),
    }
    for name, expected in close.items():
        assert lines[name].value == pytest.approx(expected, rel=1e-5, abs=1e-7)
    if 0 < y.sum() < len(y):
        binned = metrics.roc_auc_score(y, np.floor(score * 256))
        assert lines["auc"].value == pytest.approx(binned, abs=1e-9)
