"""A baseline is learned at once from a stretch of the real input topics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stream_drift.app import detector_factory, load_monitor
from stream_drift.cli.main import main
from stream_drift.config.load import load_settings
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.errors import BrokerError
from stream_drift.incidents.alert import iso
from tests.support.broker import KafkaBroker
from tests.support.kafka_log import write

START_MS = 1_790_000_000_000 // 3_600_000 * 3_600_000
HOUR_MS = 3_600_000
N_HOURS = 72


def events() -> Iterator[tuple[int, list[bytes]]]:
    """Per hour its time and its events, one partition's after the other's."""
    rng = np.random.default_rng(1)
    for hour in range(N_HOURS):
        at = START_MS + hour * HOUR_MS
        sizes = np.sort(rng.normal(size=40)).round(3).tolist()
        yield at, [json.dumps({"t": at + i, "size": size}).encode() for i, size in enumerate(sizes)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The events as a file, and a reference made of them."""
    values = [value for _, hour in events() for value in hour]
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(values))
    config(tmp_path, "t", "localhost:9", "none")
    arguments = ["-c", str(tmp_path / "c.yaml"), "--from", str(tmp_path / "events.jsonl")]
    with pytest.raises(SystemExit) as left:
        main(["reference", "build", *arguments])
    assert left.value.code == 0
    return tmp_path


def config(folder: Path, topic: str, bootstrap: str, learning: str) -> Path:
    path = folder / "c.yaml"
    path.write_text(f"""
kafka: {{bootstrap.servers: "{bootstrap}"}}
monitors:
  shop:
    reference: shop.json
    pane: 1h
    inputs:
      - {{topic: {topic}, carries: [features], time: t}}
    features: {{size: number}}
    detection: {{learning: {learning}}}
""")
    return path


def learned(path: Path) -> BudgetPolicy:
    settings = load_settings(path)
    return detector_factory(settings, load_monitor(settings.monitors[0]))().budget


def test_stretch_of_the_topic_teaches_what_a_file_of_it_does(
    broker: KafkaBroker, topic_prefix: str, folder: Path
) -> None:
    broker.create_topic(topic_prefix, 2, retention_ms=-1)
    for at, values in events():
        for partition in (0, 1):
            mine = values[partition::2]
            write(broker.bootstrap, topic_prefix, mine, partition=partition, timestamp_ms=at + 60)
    end_ms = START_MS + N_HOURS * HOUR_MS
    span = f"{{history: {{since: '{iso(START_MS)}', until: '{iso(end_ms)}'}}}}"
    from_topic = learned(config(folder, topic_prefix, broker.bootstrap, span))
    from_file = learned(config(folder, topic_prefix, broker.bootstrap, "{history: events.jsonl}"))
    assert from_topic.baseline_state(end_ms).stage == "armed"
    assert from_topic.snapshot() == from_file.snapshot()


def test_open_end_leaves_out_the_pane_that_may_not_be_over(
    broker: KafkaBroker, topic_prefix: str, folder: Path
) -> None:
    broker.create_topic(topic_prefix, retention_ms=-1)
    for at, values in events():
        write(broker.bootstrap, topic_prefix, values, timestamp_ms=at + 60)
    since = START_MS + 2 * HOUR_MS
    policy = learned(config(folder, topic_prefix, broker.bootstrap, f"{{since: '{iso(since)}'}}"))
    assert policy.baseline is not None
    assert policy.baseline.start_ms == since
    assert policy.baseline.since_ms == START_MS + (N_HOURS - 1) * HOUR_MS


def test_topic_that_does_not_exist_is_named(
    broker: KafkaBroker, topic_prefix: str, folder: Path
) -> None:
    with pytest.raises(BrokerError, match=topic_prefix):
        learned(config(folder, topic_prefix, broker.bootstrap, "{since: 2026-01-01}"))
