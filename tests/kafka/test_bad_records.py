"""Records that are not as they should be, on a real topic among good ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from stream_drift.events.columns import INVALID, INVALID_CATEGORY, NOT_FINITE
from tests.support import shop
from tests.support.broker import KafkaBroker
from tests.support.program import cli, wait_for
from tests.support.scene import Scene
from tests.unit.events.building import NOW_MS
from tests.unit.events.test_bad_input import KINDS, Counted, Rejected, event

MINUTE_MS = 60_000
CONFIG = """\
name: {name}
kafka: {kafka}
monitors:
  bookings:
    reference: {reference}
    pane: 1m
    windows: [5m]
    lateness: 10m
    inputs: [{{topic: {topic}, carries: [features], event_id: booking, time: at}}]
    features: {{amount: number, adr: {{type: number, path: price.adr}}, country: category}}
    detection: {{learning: none}}
http: {{port: {port}}}
"""


def write_config(
    folder: Path, name: str, topics: Sequence[str], kafka: Mapping[str, object], port: int
) -> Path:
    path = folder / "stream-drift.yaml"
    path.write_text(
        CONFIG.format(
            name=name,
            kafka=json.dumps(dict(kafka)),
            reference=shop.REFERENCE,
            topic=topics[0],
            port=port,
        )
    )
    rows = folder / "reference.jsonl"
    rows.write_bytes(b"\n".join(event(amount=i, country="ABC"[i % 3]) for i in range(300)))
    cli("reference", "build", "-c", str(path), "--from", str(rows))
    return path


@pytest.fixture
def scene(broker: KafkaBroker, topic_prefix: str, tmp_path: Path) -> Scene:
    scene = Scene(broker, topic_prefix, tmp_path, write_config=write_config)
    scene.create_topics(max_message_bytes=3_000_000, message_timestamp_after_max_ms=2**63 - 1)
    return scene


def test_of_all_kinds_each_is_accounted_for_and_good_ones_miss_nothing(scene: Scene) -> None:
    values: list[bytes | None] = [event()]
    for value, _ in KINDS.values():
        values += [value, event()]
    last = NOW_MS + 20 * MINUTE_MS
    scene.append([*((NOW_MS, value) for value in values), (last, event(at=last))])
    rejected = Counter(o.reason for _, o in KINDS.values() if isinstance(o, Rejected))
    usable = [outcome for _, outcome in KINDS.values() if isinstance(outcome, Counted)]
    with scene.service() as service:
        service.wait_for_panes([NOW_MS])
        pages = service.pages
        assert pages.is_ready()
        assert pages.by_label("streamdrift_rejected_events_total", "reason") == rejected
        n_usable = 1 + len(KINDS) + len(usable) + 1
        assert pages.total("streamdrift_events_total") == n_usable
        assert pages.total("streamdrift_late_events_total") == sum(map(is_late, usable))
        assert sum(rejected.values()) + n_usable == len(values) + 1
    profile = scene.panes[NOW_MS].profile
    cells = [*[Counted()] * (1 + len(KINDS)), *(o for o in usable if o.ahead_ms == 0)]
    assert profile.events == len(cells)
    for column, found in zip(("amount", "adr", "country"), range(3), strict=True):
        values_of = [getattr(outcome, column) for outcome in cells]
        assert profile.view("missing")[found] == values_of.count(None)
        assert profile.view("invalid")[found] == sum(map(is_invalid, values_of))
        assert profile.view("not_finite")[found] == values_of.count(NOT_FINITE)


def is_late(outcome: Counted) -> bool:
    return outcome.ahead_ms < -10 * MINUTE_MS


def is_invalid(value: object) -> bool:
    return value is INVALID_CATEGORY or value == INVALID


def test_copies_of_rejects_hold_the_original_bytes_and_the_reason(scene: Scene) -> None:
    kinds = {kind: each for kind, each in KINDS.items() if isinstance(each[1], Rejected)}
    scene.append([(NOW_MS, value) for value, _ in kinds.values()])
    with scene.service():
        scene.wait_for_idle(len(kinds))
    copies = scene.records(scene.own.rejects)
    for copy in copies:
        headers = dict(copy.headers)
        value, outcome = list(kinds.values())[int(headers["streamdrift.offset"])]
        assert isinstance(outcome, Rejected)
        assert headers["streamdrift.reason"].decode() == outcome.reason
        assert copy.value == (None if value is None else value[:500_000])
        assert len(value or b"") == int(
            headers.get("streamdrift.cut_from_bytes", len(value or b""))
        )
    assert len(copies) == len(kinds)


def test_where_nearly_all_are_rejected_it_is_not_ready_and_says_so_once(scene: Scene) -> None:
    with capture_logs() as logs, scene.service() as service:
        scene.append([(NOW_MS, event())] * 5 + [(NOW_MS, b"<xml/>")] * 300)
        scene.wait_for_idle(305)
        status, text = service.pages.get("/-/ready")
        assert status == 503
        assert "more than 90% of the latest records" in text
        assert repr(scene.topic) in text
        assert "stream-drift check --live" in text
        assert service.pages.get("/-/healthy")[0] == 200
        assert service.pages.total("streamdrift_events_total") == 5
        scene.append([(NOW_MS, b"<xml/>")] * 20)
        scene.append([(NOW_MS, event())] * 100)
        wait_for(service.pages.is_ready, "ready again")
    told = [line for line in logs if "rejected" in str(line.get("problem"))]
    assert [line["log_level"] for line in told] == ["warning"]
