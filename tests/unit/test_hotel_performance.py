"""Performance on hotel bookings equals what scikit-learn computes from the joined file."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from stream_drift.app import detector_factory, load_monitor
from stream_drift.config.load import load_settings
from stream_drift.engine.effects import PaneMatured
from stream_drift.scoring.table import ScoreLine
from tests.support import hotel
from tests.support.program import cli
from tests.support.replays import replay_of

pytestmark = pytest.mark.skipif(not hotel.HOTEL.exists(), reason=hotel.ABSENT)

TOPIC, OUTCOMES = "hotel.bookings", "hotel.outcomes"
DAY_MS = 86_400_000
Rows = list[tuple[int, int, float]]
"""(label, predicted class, score)."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference, and the configuration that it was built with."""
    path = tmp_path_factory.mktemp("hotel")
    config, reference = path / "config.yaml", path / "reference.jsonl"
    config.write_text(hotel.config_text("test", TOPIC, {}))
    reference.write_bytes(b"\n".join(hotel.reference_lines()))
    cli("reference", "build", "-c", str(config), "--from", str(reference))
    return path


def matured(
    folder: Path, outcomes: str | None, files: Mapping[str, Iterable[Mapping[str, Any]]]
) -> dict[int, dict[str, ScoreLine]]:
    config = folder / "labelled.yaml"
    config.write_text(hotel.labelled_config_text("test", TOPIC, outcomes, {}))
    settings = load_settings(config)
    monitor = load_monitor(settings.monitors[0])
    paths = {}
    for topic, events in files.items():
        paths[topic] = folder / f"{topic}.jsonl"
        paths[topic].write_text("".join(f"{json.dumps(event)}\n" for event in events))
    run = replay_of(monitor, detector_factory(settings, monitor, publish_scores=False)(), paths)
    return {
        effect.start_ms: {line.score: line for line in effect.lines}
        for effect in run.effects(lambda *_: None)
        if isinstance(effect, PaneMatured)
    }


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


def test_labels_that_come_with_their_predictions_are_counted_exactly(folder: Path) -> None:
    events, labels = hotel.events(), hotel.labels()
    labelled = [event | {"is_canceled": labels[event["customer_id"]]} for event in events]
    found, expected = matured(folder, None, {TOPIC: labelled}), by_pane(events)
    assert found.keys() == expected.keys()
    for start, rows in expected.items():
        assert_equal_to_sklearn(found[start], rows)
        assert found[start]["label_share"].value == 1


def test_labels_from_another_topic_days_late_find_their_predictions(folder: Path) -> None:
    events = hotel.events()
    files = {TOPIC: events, OUTCOMES: hotel.outcomes(events)}
    found, expected = matured(folder, OUTCOMES, files), by_pane(events)
    assert found.keys() == expected.keys()
    for start, rows in expected.items():
        assert_equal_to_sklearn(found[start], rows)
        assert found[start]["label_share"].value == 1
