"""``reference build --topic`` counts the events of a stretch of a real topic."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stream_drift.cli.main import main
from stream_drift.incidents.alert import iso
from stream_drift.runtime.reference_file import read_reference
from tests.support.broker import KafkaBroker
from tests.support.kafka_log import write

START_MS = 1_790_000_000_000
HOUR_MS = 3_600_000


@pytest.fixture
def config(broker: KafkaBroker, topic_prefix: str, tmp_path: Path) -> Path:
    """A monitor of the events of kind a; hourly, a dozen of each kind and one broken record."""
    broker.create_topic(topic_prefix, 2, retention_ms=-1)
    for hour in range(4):
        at = START_MS + hour * HOUR_MS
        events = [{"t": at, "size": i, "kind": kind} for i in range(12) for kind in "ab"]
        values = [*(json.dumps(event).encode() for event in events), b"{"]
        write(broker.bootstrap, topic_prefix, values, partition=hour % 2, timestamp_ms=at)
    path = tmp_path / "stream-drift.yaml"
    path.write_text(f"""
kafka: {{bootstrap.servers: "{broker.bootstrap}"}}
monitors:
  shop:
    reference: shop.json
    inputs:
      - {{topic: {topic_prefix}, carries: [features], time: t, where: {{field: kind, equals: a}}}}
    features: {{size: number}}
""")
    return path


def build(config: Path, *args: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["reference", "build", "-c", str(config), *args])
    assert left.value.code == 0
    return read_reference(config.parent / "shop.json").n


def test_events_that_the_monitor_means_are_counted(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(config, "--topic") == 4 * 12
    assert "cannot be used: decode 4" in capsys.readouterr().err


def test_stretch_of_the_topic_is_taken(config: Path, topic_prefix: str) -> None:
    since, until = iso(START_MS + HOUR_MS), iso(START_MS + 3 * HOUR_MS)
    assert build(config, "--topic", topic_prefix, "--since", since, "--until", until) == 2 * 12
    assert build(config, "--topic", topic_prefix, "--since", since) == 3 * 12
