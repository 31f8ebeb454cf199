"""Whatever happens to the processes: every pane's counts equal an independent count of the file,
and scores and incidents equal those of ``replay``.

The schedules kill processes, freeze them so that they wake as zombies with unsent output, let
others join and leave, and restart the broker.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from confluent_kafka import Producer

from stream_drift.cli.main import main
from stream_drift.kafka.connection import KafkaLog
from stream_drift.profiles.codec import unpack_profile
from stream_drift.reference.file import decode_reference
from stream_drift.runtime.clock import now_ms
from stream_drift.runtime.own_topics import OwnTopics
from stream_drift.runtime.state_store import read_state
from stream_drift.runtime.told import alerts_of
from tests.support import hotel
from tests.support.broker import KafkaBroker
from tests.support.process import Process

pytestmark = pytest.mark.skipif(not hotel.HOTEL.exists(), reason=hotel.ABSENT)

NAME = "oracle"
TOPIC = "hotel.bookings"
OWN_PARTITIONS = 2
PATIENCE_SECONDS = 240
CLIENT = {"session.timeout.ms": "3000", "heartbeat.interval.ms": "500", "log_level": "0"}
SENTINEL_MS = 2 * 86_400_000
"""How far behind the last booking one more event per partition lies, so that all panes close."""


class Scene:
    """A topic with all bookings, the configuration, and the processes that read it."""

    def __init__(self, broker: KafkaBroker, folder: Path, n_partitions: int) -> None:
        self.broker = broker
        self.folder = folder
        self.n_partitions = n_partitions
        self.processes: list[Process] = []
        self.frozen: list[Process] = []
        self.n_started = 0
        self.config = folder / "stream-drift.yaml"
        self._write_files()
        self._create_topics()

    def _write_files(self) -> None:
        kafka = {"bootstrap.servers": self.broker.bootstrap, **CLIENT}
        self.config.write_text(hotel.config_text(NAME, TOPIC, kafka))
        reference = self.folder / "reference.jsonl"
        reference.write_bytes(b"\n".join(hotel.reference_lines()))
        run("reference", "build", "-c", str(self.config), "--from", str(reference))
        self.events = hotel.events()
        last = self.events[-1]
        late = datetime.fromtimestamp((hotel.time_ms(last) + SENTINEL_MS) / 1000, UTC)
        self.sentinel = last | {"booked_at": late.isoformat()}
        lines = [json.dumps(event) for event in [*self.events, self.sentinel]]
        (self.folder / "events.jsonl").write_text("\n".join(lines))
        self.reference = decode_reference((self.folder / "hotel.json").read_bytes())

    def _create_topics(self) -> None:
        self.broker.create_topic(TOPIC, self.n_partitions, retention_ms=-1)
        own = OwnTopics(NAME)
        self.broker.create_topic(
            own.profiles, OWN_PARTITIONS, message_timestamp_type="LogAppendTime"
        )
        self.broker.create_topic(own.state, OWN_PARTITIONS, cleanup_policy="compact")
        self.broker.create_topic(own.alerts, OWN_PARTITIONS)
        self.broker.create_topic(own.rejects, OWN_PARTITIONS)

    def produce(self, events: list[dict[str, Any]]) -> None:
        settings = {"bootstrap.servers": self.broker.bootstrap, "log_level": 0, "linger.ms": 20}
        producer = Producer(settings)
        for event in events:
            number = int(event["customer_id"][1:]) % self.n_partitions
            self._send(producer, event, number)
        assert producer.flush(60) == 0

    def produce_sentinels(self) -> None:
        producer = Producer({"bootstrap.servers": self.broker.bootstrap, "log_level": 0})
        for number in range(self.n_partitions):
            self._send(producer, self.sentinel, number)
        assert producer.flush(60) == 0

    def _send(self, producer: Producer, event: dict[str, Any], number: int) -> None:
        value, at = json.dumps(event).encode(), hotel.time_ms(event)
        while True:
            try:
                producer.produce(TOPIC, value, partition=number, timestamp=at)
            except BufferError:
                producer.poll(0.1)
            else:
                return

    # Processes ----------------------------------------------------------------------------------

    def start(self) -> None:
        self.n_started += 1
        scores = self.folder / f"scores-{self.n_started}.jsonl"
        program = [sys.executable, "-c", "from stream_drift.cli.main import main; main()"]
        command = [*program, "run", "-c", str(self.config), "--scores", str(scores)]
        self.processes.append(Process(command, self.folder / f"run-{self.n_started}.log"))

    def kill(self, chance: np.random.Generator) -> None:
        self.processes.pop(int(chance.integers(len(self.processes)))).kill()
        if not self.processes:
            self.start()

    def leave(self, chance: np.random.Generator) -> None:
        if len(self.processes) > 1:
            process = self.processes.pop(int(chance.integers(len(self.processes))))
            # Python itself answers a SIGTERM that comes before the program is there.
            wait_until(lambda: '"serving"' in process.log.read_text(), "a start", self)
            assert process.stop() == 0

    def join(self, _: np.random.Generator) -> None:
        if len(self.processes) + len(self.frozen) < 3:
            self.start()

    def freeze(self, chance: np.random.Generator) -> None:
        process = self.processes.pop(int(chance.integers(len(self.processes))))
        process.signal(signal.SIGSTOP)
        self.frozen.append(process)
        self.start()

    def thaw(self, _: np.random.Generator) -> None:
        while self.frozen:
            process = self.frozen.pop()
            process.signal(signal.SIGCONT)
            self.processes.append(process)

    def restart_broker(self, _: np.random.Generator) -> None:
        self.broker.stop()
        self.broker.start()

    def end(self) -> None:
        self.thaw(np.random.default_rng(0))
        for process in self.processes:
            process.stop()

    # What came of it ----------------------------------------------------------------------------

    def kept_panes(self) -> dict[int, Any]:
        log = KafkaLog({"bootstrap.servers": self.broker.bootstrap}, NAME, now_ms)
        scanner = log.scanner()
        try:
            panes: dict[int, Any] = {}
            for number in range(OWN_PARTITIONS):
                kept = read_state(scanner.scan((OwnTopics(NAME).state, number)))
                if hotel.MONITOR in kept:
                    panes |= kept[hotel.MONITOR].panes
            return panes
        finally:
            scanner.close()
            log.close()

    def last_scored_pane(self) -> str:
        ends = [line["pane_end"] for line in self.score_lines()]
        return max(ends, default="")

    def score_lines(self) -> Iterator[dict[str, Any]]:
        for path in sorted(self.folder.glob("scores-*.jsonl")):
            for line in path.read_bytes().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    yield json.loads(line)

    def alerts(self) -> dict[str, list[dict[str, Any]]]:
        log = KafkaLog({"bootstrap.servers": self.broker.bootstrap}, NAME, now_ms)
        scanner = log.scanner()
        found: dict[str, list[dict[str, Any]]] = {}
        try:
            for number in range(OWN_PARTITIONS):
                records = list(scanner.scan((OwnTopics(NAME).alerts, number)))
                for record, alert in zip(records, alerts_of(records), strict=True):
                    data = json.loads(record.value or b"")
                    data.pop("detected_at")
                    found.setdefault(alert.id, []).append(data)
        finally:
            scanner.close()
            log.close()
        return found


def run(*arguments: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0


def wait_until(condition: Callable[[], bool], what: str, scene: Scene) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        ended = all(process.exit_code is not None for process in scene.processes)
        if time.monotonic() > end or ended:
            logs = [path.read_text()[-3000:] for path in sorted(scene.folder.glob("run-*.log"))]
            pytest.fail(f"{what} within {PATIENCE_SECONDS} s\n" + "\n---\n".join(logs))
        time.sleep(0.5)


def play(scene: Scene, seed: int, n_acts: int) -> None:
    """Bookings come in stretches; between them things happen to those who read them."""
    chance = np.random.default_rng(seed)
    acts = [
        scene.kill,
        scene.kill,
        scene.freeze,
        scene.thaw,
        scene.join,
        scene.leave,
        scene.restart_broker,
    ]
    scene.start()
    stretch = -(-len(scene.events) // n_acts)
    for first in range(0, len(scene.events), stretch):
        scene.produce(scene.events[first : first + stretch])
        time.sleep(chance.uniform(0.5, 4.0))
        acts[int(chance.integers(len(acts)))](chance)
    scene.produce_sentinels()
    time.sleep(chance.uniform(0.5, 4.0))
    scene.thaw(chance)
    last_end = max(hotel.time_ms(event) for event in scene.events) // hotel.PANE_MS + 1
    last_end_text = datetime.fromtimestamp(last_end * hotel.PANE_MS / 1000, UTC)
    wanted = f"{last_end_text:%Y-%m-%dT%H:%M:%S}Z"
    wait_until(lambda: scene.last_scored_pane() >= wanted, "the last pane closed", scene)
    scene.end()


def check_counts(scene: Scene) -> None:
    """Panes that the state topic still keeps: those of the last seven days, each by itself."""
    document = json.loads((scene.folder / "hotel.json").read_bytes())
    expected = hotel.independent_counts(scene.events, document)
    layout = scene.reference.layout
    kept = scene.kept_panes()
    assert len(kept) >= 7 * 86_400_000 // hotel.PANE_MS - 1
    for start, packed in kept.items():
        profile = unpack_profile(packed, layout)
        for name, bins in expected[start].items():
            assert profile.bins_of(layout.names.index(name)).tolist() == bins, (start, name)


def check_scores(scene: Scene) -> None:
    """All panes: the volume of each equals the independent count, each line equals replay's."""
    run(
        *("replay", "-c", str(scene.config), "--events", str(scene.folder / "events.jsonl")),
        *("--scores", str(scene.folder / "replayed.jsonl")),
        *("--alerts", str(scene.folder / "replayed-alerts.jsonl")),
    )
    live: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in scene.score_lines():
        assert live.setdefault(_key(line), line) == line
    replayed = (scene.folder / "replayed.jsonl").read_text().splitlines()
    last = max(line["pane_end"] for line in live.values())
    wanted = {_key(line): line for line in map(json.loads, replayed) if line["pane_end"] <= last}
    assert live.keys() == wanted.keys()
    assert live == wanted


def _key(line: dict[str, Any]) -> tuple[Any, ...]:
    return line["pane_end"], line["window"], line["feature"], line["score"]


def check_alerts(scene: Scene) -> None:
    live = scene.alerts()
    wanted = {}
    for text in (scene.folder / "replayed-alerts.jsonl").read_text().splitlines():
        event = json.loads(text)
        event["data"].pop("detected_at")
        wanted[event["id"]] = event["data"]
    assert live
    for identity, copies in live.items():
        assert all(copy == wanted[identity] for copy in copies), identity
    assert live.keys() == {i for i, data in wanted.items() if i in live}
    opened = {data["incident"] for data in wanted.values()}
    assert {copies[0]["incident"] for copies in live.values()} == opened
    assert wanted.keys() - live.keys() <= _after_last_pane(scene, wanted)


def _after_last_pane(scene: Scene, wanted: dict[str, Any]) -> set[str]:
    """Alerts of the sentinel's own pane, which only replay closes."""
    last = scene.last_scored_pane()
    return {i for i, data in wanted.items() if (data["window"] or {}).get("end", "") > last}


@pytest.mark.parametrize(("seed", "n_partitions"), [(1, 4)])
def test_counts_scores_and_incidents_survive_a_schedule(
    own_broker: KafkaBroker, tmp_path: Path, seed: int, n_partitions: int
) -> None:
    scene = Scene(own_broker, tmp_path, n_partitions)
    try:
        play(scene, seed, n_acts=8)
        check_counts(scene)
        check_scores(scene)
        check_alerts(scene)
    finally:
        for process in [*scene.processes, *scene.frozen]:
            process.kill()


@pytest.mark.long
@pytest.mark.parametrize("n_partitions", [1, 4, 12])
@pytest.mark.parametrize("seed", range(2, 12))
def test_counts_scores_and_incidents_survive_many_schedules(
    own_broker: KafkaBroker, tmp_path: Path, seed: int, n_partitions: int
) -> None:
    scene = Scene(own_broker, tmp_path, n_partitions)
    try:
        play(scene, seed, n_acts=12)
        check_counts(scene)
        check_scores(scene)
        check_alerts(scene)
    finally:
        for process in [*scene.processes, *scene.frozen]:
            process.kill()
