"""The training set of an incident equals an independent read of the topics."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pyarrow.parquet as pq
import pytest
from sklearn.tree import DecisionTreeClassifier

from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.program import cli
from tests.support.scene import Scene

N_PANES, N_EVENTS, DRIFT_FROM = 10, 40, 5
LABELS = """\
      - {{topic: {topic}, carries: [label], event_id: order, time: decided}}
    label: {{value: returned}}
"""


def with_ids(events: list[shop.Event], pane: int) -> list[shop.Event]:
    return [{**event, "id": f"order-{pane}-{i}"} for i, event in enumerate(events)]


@pytest.fixture(scope="module")
def scene(broker: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Orders that drift, of which every second one gets a label, in another order."""
    scene = Scene(broker, "export", tmp_path_factory.mktemp("export"), n_partitions=2)
    scene.create_topics()
    for pane in range(N_PANES):
        shift = 3.0 if pane >= DRIFT_FROM else 0.0
        events = with_ids(shop.events(pane, N_EVENTS, shift=shift), pane)
        scene.produce(events[::2], partition=0)
        scene.produce(events[1::2], partition=1)
    for partition in (0, 1):
        scene.produce([shop.sentinel(N_PANES)], partition)
    labels = f"{scene.name}.labels"
    broker.create_topic(labels, 3, retention_ms=-1)
    for i, event in enumerate(reversed(scene.all_sent)):
        if "id" in event and i % 2:
            late = event["t"] + 600_000 + i
            label = {"order": event["id"], "decided": late, "returned": event["size"] > 3}
            scene.append([(late, json.dumps(label).encode())], i % 3, labels)
    with scene.service() as service:
        service.wait_for_panes(shop.starts(*range(N_PANES)))
        scene.wait_for_alert("opened")
    text = scene.config.read_text().replace("time: t}", "time: t, event_id: id}")
    before, features, after = text.partition("    features:")
    scene.config.write_text(before + LABELS.format(topic=labels) + features + after)
    return scene


def export(scene: Scene, out: str, *more: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The manifest, and the rows that it speaks of."""
    incident = scene.wait_for_alert("opened").data.incident
    folder = scene.folder / out
    at = ("--incident", incident, "--out", str(folder), "-c", str(scene.config))
    cli("export", *at, *more)
    return (
        json.loads((folder / "manifest.json").read_text()),
        pq.read_table(folder / "events.parquet").to_pylist(),
    )


def test_an_export_is_what_stands_on_the_topics(scene: Scene) -> None:
    manifest, rows = export(scene, "out")
    onset = scene.wait_for_alert("opened").data.onset.earliest
    assert manifest["span"]["start"] == onset
    start, end = (shop.pane_of(manifest["span"][key]) for key in ("start", "end"))
    assert start >= DRIFT_FROM - 1

    in_span = [
        event
        for event in scene.all_sent
        if start <= (event["t"] - shop.T0) / shop.PANE_MS < end and "id" in event
    ]
    assert manifest["rows"] == {"drifted": len(in_span)}
    assert {row["_id"] for row in rows} == {event["id"] for event in in_span}
    sizes = {event["id"]: event["size"] for event in in_span}
    assert all(row["size"] == sizes[row["_id"]] for row in rows)
    every_second = {e["id"] for i, e in enumerate(reversed(scene.all_sent)) if "id" in e and i % 2}
    labels = {row["_id"]: row["label"] for row in rows}
    assert labels == {
        name: (str(size > 3).lower() if name in every_second else None)
        for name, size in sizes.items()
    }
    assert manifest["labelled"] == sum(label is not None for label in labels.values())
    written = (scene.folder / "out" / "events.parquet").read_bytes()
    assert manifest["files"]["events.parquet"]["sha256"] == hashlib.sha256(written).hexdigest()


def test_a_manifest_repeats_an_export_byte_for_byte(scene: Scene) -> None:
    first, _ = export(scene, "first")
    late = with_ids(shop.events(DRIFT_FROM + 2, 5), 99)
    scene.produce(late)
    grown, _ = export(scene, "grown")
    again, _ = export(scene, "again", "--like", str(scene.folder / "first" / "manifest.json"))
    assert grown["rows"]["drifted"] == first["rows"]["drifted"] + 5
    assert again == first


def test_training_rows_stand_beside_and_a_limit_chooses_once(scene: Scene) -> None:
    training = scene.folder / "training.csv"
    training.write_text("size,kind,returned\n1.5,bread,true\n,milk,false\n")
    manifest, rows = export(scene, "out", "--training", str(training), "--rows", "50")
    assert manifest["rows"] == {"drifted": 50, "training": 2}
    kept = [
        (row["size"], row["kind"], row["label"]) for row in rows if row["_origin"] == "training"
    ]
    assert kept == [(1.5, "bread", "true"), (None, "milk", "false")]
    again, same = export(scene, "again", "--training", str(training), "--rows", "50")
    assert (again, same) == (manifest, rows)


def test_an_unknown_incident_is_refused(scene: Scene) -> None:
    at = ("--incident", "nope", "--out", str(scene.folder / "x"), "-c", str(scene.config))
    cli("export", *at, exit_code=2)


def returned(event: shop.Event, *, drifted: bool) -> bool:
    """What customers keep depends on what they are used to."""
    return bool(event["size"] > (3 if drifted else 0))


def accuracy(model: DecisionTreeClassifier, events: list[shop.Event]) -> float:
    sizes = [[event["size"]] for event in events]
    return float(model.score(sizes, [returned(event, drifted=True) for event in events]))


def test_a_model_that_is_trained_on_an_export_does_better(scene: Scene) -> None:
    past = shop.events(0, 300, seed=7)
    training = scene.folder / "past.jsonl"
    lines = [event | {"returned": returned(event, drifted=False)} for event in past]
    training.write_text("\n".join(map(json.dumps, lines)))
    _, rows = export(scene, "retrain", "--training", str(training))
    old = DecisionTreeClassifier(max_depth=4, random_state=1).fit(
        [[event["size"]] for event in past], [returned(event, drifted=False) for event in past]
    )
    labelled = [row for row in rows if row["_origin"] == "drifted" and row["label"] is not None]
    new = DecisionTreeClassifier(max_depth=4, random_state=1).fit(
        [[row["size"]] for row in labelled], [row["label"] == "true" for row in labelled]
    )
    live = shop.events(0, 500, seed=8, shift=3.0)
    assert accuracy(new, live) > accuracy(old, live) + 0.3


def test_what_an_incident_is_about_becomes_the_reference(scene: Scene) -> None:
    manifest, rows = export(scene, "window")
    place = scene.folder / "new.json"
    at = ("-c", str(scene.config), "--out", str(place))
    cli("reference", "build", *at, "--from-window", manifest["incident"])
    assert json.loads(place.read_bytes())["n"] == len(rows)
