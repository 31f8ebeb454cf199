"""Performance on hotel bookings equals what scikit-learn computes from the joined file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from stream_drift.app import detector_factory, load_monitor
from stream_drift.config.load import load_settings
from stream_drift.engine.effects import PaneMatured
from stream_drift.scoring.table import ScoreLine
from tests.support import hotel
from tests.support.hotel_performance import assert_equal_to_sklearn, by_pane
from tests.support.program import cli
from tests.support.replays import replay_of

pytestmark = pytest.mark.skipif(not hotel.HOTEL.exists(), reason=hotel.ABSENT)

TOPIC, OUTCOMES = "hotel.bookings", "hotel.outcomes"


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
