"""Hotel bookings with labels that come days later, from a topic of their own, on a real broker."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from stream_drift.engine.effects import PaneMatured
from tests.support import hotel
from tests.support.broker import KafkaBroker
from tests.support.hotel_performance import DAY_MS, assert_equal_to_sklearn, by_pane
from tests.support.program import cli, wait_for
from tests.support.scene import Scene
from tests.support.service import Service

pytestmark = pytest.mark.skipif(not hotel.HOTEL.exists(), reason=hotel.ABSENT)

N_PARTITIONS = 2


def write_config(
    folder: Path, name: str, topics: Sequence[str], kafka: Mapping[str, object], port: int
) -> Path:
    del port
    path, rows = folder / "stream-drift.yaml", folder / "reference.jsonl"
    path.write_text(hotel.labelled_config_text(name, topics[0], topics[1], kafka))
    rows.write_bytes(b"\n".join(hotel.reference_lines()))
    cli("reference", "build", "-c", str(path), "--from", str(rows))
    return path


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def produce(scene: Scene, topic: int, field: str, events: Iterable[Mapping[str, Any]]) -> None:
    """Spread over the partitions, in order."""
    parts: list[list[tuple[int, bytes | None]]] = [[] for _ in range(N_PARTITIONS)]
    for i, event in enumerate(events):
        part = parts[(i // (1 + 2 * topic)) % N_PARTITIONS]
        part.append((ms(event[field]), json.dumps(event).encode()))
    for number, records in enumerate(parts):
        scene.append(records, number, scene.topics[topic])


def end(scene: Scene, last: Mapping[str, Any]) -> None:
    """Event time goes on in all partitions, far beyond every horizon."""
    at = datetime.fromtimestamp((hotel.time_ms(last) + 80 * DAY_MS) / 1000).astimezone()
    for _ in range(N_PARTITIONS):
        produce(scene, 0, "booked_at", [dict(last) | {"booked_at": at.isoformat()}] * 2)
        outcome = {"customer_id": "nobody", "is_canceled": 0, "decided_at": at.isoformat()}
        produce(scene, 1, "decided_at", [outcome] * 6)


def label_share(pane: PaneMatured) -> float | None:
    return next(line.value for line in pane.lines if line.score == "label_share")


def test_labels_meet_predictions_across_topics_partitions_and_a_restart(
    broker: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    scene = Scene(
        broker,
        topic_prefix,
        tmp_path,
        n_partitions=N_PARTITIONS,
        n_topics=2,
        write_config=write_config,
    )
    scene.create_topics()
    events = [event for event in hotel.events() if event["booked_at"] < "2016-11-10"]
    outcomes = hotel.outcomes(events)
    half = "2016-10-28"
    matured: dict[int, PaneMatured] = {}

    def has_matured(service: Service, day: str) -> None:
        start = ms(f"{day}T00:00:00+00:00")
        wait_for(lambda: start in service.matured, lambda: f"{len(service.matured)} matured", 90)

    produce(scene, 0, "booked_at", (e for e in events if e["booked_at"] < half))
    produce(scene, 1, "decided_at", (o for o in outcomes if o["decided_at"] < half))
    with scene.service() as service:
        has_matured(service, "2016-10-03")
    matured |= service.matured
    produce(scene, 0, "booked_at", (e for e in events if e["booked_at"] >= half))
    produce(scene, 1, "decided_at", (o for o in outcomes if o["decided_at"] >= half))
    end(scene, events[-1])
    expected = by_pane(events)

    def has_all_labels(service: Service) -> bool:
        found = matured | service.matured
        return all(start in found and label_share(found[start]) == 1 for start in expected)

    with scene.service() as service:
        wait_for(lambda: has_all_labels(service), "the last label", seconds=90)
        pages = service.pages
        shown = {dict(labels)["score"] for labels in pages.series("streamdrift_score")}
        assert shown >= {"accuracy", "auc", "label_delay"}
        assert pages.total("streamdrift_labels_total") > 0
        unmatched = pages.by_label("streamdrift_labels_unmatched_total", "reason")
        assert unmatched["unsampled"] == 0
    matured |= service.matured
    assert {start for start in matured if start in expected} == expected.keys()
    for start, rows in expected.items():
        found = {line.score: line for line in matured[start].lines}
        assert_equal_to_sklearn(found, rows)
