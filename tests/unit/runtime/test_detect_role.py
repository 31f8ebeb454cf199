"""The detect role over a log in memory, taken up after all that can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec
import pytest

from stream_drift.engine.chunks import split
from stream_drift.engine.detector import Detector
from stream_drift.engine.effects import Publish
from stream_drift.engine.wire import encode_record
from stream_drift.incidents.alert import data_json, headers
from stream_drift.profiles.layout import CategoryLayout, Layout
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import Reference
from stream_drift.runtime.detect_role import DetectRole, DetectRoleSettings
from stream_drift.runtime.memory.log import MemoryLog
from stream_drift.runtime.own_topics import OwnTopics, log_key
from stream_drift.windows.log import LogRecord, Progress, Snapshot
from tests.golden.checkpoint.examples import LAYOUT, MINUTE, OLD, RECORDS, T0, fresh, pane

OWN = OwnTopics("golden")
PARTITION = (OWN.profiles, 0)
STATE, ALERTS = (OWN.state, 0), (OWN.alerts, 0)


class Place:
    """Our own topics, and detectors that come and go."""

    def __init__(self) -> None:
        self.now_ms = T0
        self.log = MemoryLog(lambda: self.now_ms)
        self.scanner = self.log.scanner()
        for topic in (OWN.profiles, OWN.state, OWN.alerts):
            self.log.create_topic(topic, 1)

    def write(self, records: Sequence[LogRecord]) -> None:
        for record in records:
            self.now_ms += 1_000
            for part in split(encode_record(record)):
                self.log.append(PARTITION, part, key=log_key("hotel", record))

    def role(self, make: Callable[[], Detector] = fresh) -> DetectRole:
        role = DetectRole(
            DetectRoleSettings("golden", {"hotel": make}),
            self.log.reader("golden.detect", with_keys=True),
            self.log.writer(),
            self.log.scanner(),
            lambda: self.now_ms,
            lambda *_: None,
        )
        role.start()
        return role

    def run(self, make: Callable[[], Detector] = fresh) -> DetectRole:
        """One process that works in peace and leaves in order."""
        role = self.role(make)
        for _ in range(4):
            role.step()
        role.stop()
        return role

    def alerts(self) -> list[str]:
        """What was told of each incident, in order, by its policy."""
        records = self.scanner.scan(ALERTS)
        found = [msgspec.json.decode(record.value or b"") for record in records]
        return [f"{data['policy'].split(':')[0]} {data['change']}" for data in found]

    def forget(self, topic: tuple[str, int]) -> None:
        self.log.trim(topic, self.scanner.end_offset(topic))


@pytest.fixture
def told() -> list[str]:
    place = Place()
    place.write(RECORDS)
    place.run()
    return place.alerts()


def test_all_is_told_once_however_often_detectors_are_replaced(told: list[str]) -> None:
    place = Place()
    for record in RECORDS:
        place.write([record])
        place.run()
    assert place.alerts() == told
    assert {"threshold opened", "threshold acknowledged", "threshold resolved"} <= set(told)


def test_nothing_is_told_again_where_no_checkpoint_was_kept(told: list[str]) -> None:
    place = Place()
    place.write(RECORDS)
    place.run()
    place.forget(STATE)
    place.run()
    assert place.alerts() == told


def test_a_crash_before_the_first_checkpoint_loses_nothing(told: list[str]) -> None:
    place = Place()
    place.write(RECORDS)
    reader = place.log.reader("golden.detect", with_keys=True)
    writer = place.log.writer()
    role = DetectRole(
        DetectRoleSettings("golden", {"hotel": fresh}),
        reader, writer, place.log.scanner(), lambda: place.now_ms, lambda *_: None,
    )  # fmt: skip
    role._next_checkpoint_ms = place.now_ms + 1  # noqa: SLF001 - a crash in its first minute
    role.start()
    role.step()
    writer.deliver(1)
    assert list(place.scanner.scan(STATE))
    reader.fence()
    place.run()
    assert place.alerts() == told


def test_a_zombie_that_tells_of_an_opening_again_closes_nothing_twice(told: list[str]) -> None:
    place = Place()
    place.write(RECORDS)
    place.run()
    detector = fresh()
    effects = [e for i, r in enumerate(RECORDS) for e in detector.apply(r, T0 + 1_000 * (i + 1))]
    first = next(effect.alert for effect in effects if isinstance(effect, Publish))
    place.log.append(ALERTS, data_json(first), headers=headers(first))
    place.run()
    assert place.alerts() == [*told, "threshold opened"]


def test_an_incident_that_opens_and_ends_while_catching_up_is_not_superseded(
    told: list[str],
) -> None:
    place = Place()
    place.run()
    place.write(RECORDS)
    detector = fresh()
    for i, record in enumerate(RECORDS):
        for effect in detector.apply(record, T0 + 1_000 * (i + 1)):
            if isinstance(effect, Publish) and effect.alert.data.change == "opened":
                place.log.append(ALERTS, data_json(effect.alert), headers=headers(effect.alert))
    n_known = len(place.alerts())
    place.run()
    assert "superseded" not in " ".join(place.alerts())
    assert len(place.alerts()) == len(told)
    assert n_known == told.count("threshold opened") > 0


def test_an_incident_of_a_policy_that_is_gone_is_closed_once() -> None:
    place = Place()
    place.write(RECORDS[:7])
    place.write(RECORDS[7:9])
    place.run()
    assert place.alerts() == ["threshold opened"]

    def without_thresholds() -> Detector:
        detector = fresh()
        return Detector(replace(detector.settings, thresholds=()), detector.reference)

    place.run(without_thresholds)
    place.run(without_thresholds)
    assert place.alerts() == ["threshold opened", "threshold superseded"]


BOTH = Layout((), (LAYOUT.categories[0], CategoryLayout("meal", ("BB", "HB"), ())), MINUTE)


def watching(layout: Layout) -> Detector:
    """A detector on the budget alone."""
    reference = Profile.empty(layout)
    reference.additive[0] = 1_000
    for i in range(layout.n_features):
        reference.bins_of(i)[:2] = 500
    return Detector(
        replace(fresh().settings, thresholds=()),
        Reference("abc", "2026-01-01T00:00:00Z", 1_000, reference),
    )


def without_meals(i: int) -> list[LogRecord]:
    """A pane of 200 events whose meals are all missing."""
    profile = Profile.empty(BOTH)
    profile.additive[0] = profile.view("missing")[1] = 200
    profile.bins_of(0)[:2] = 100
    upto = 200 * (i + 1)
    return [Snapshot(OLD, upto - 200, upto, pane(i), profile), Progress(OLD, 1, upto, pane(i + 1))]


def test_an_incident_of_features_that_are_watched_no_more_is_closed_once() -> None:
    place = Place()
    for i in range(2):
        place.write(without_meals(i))
    place.run(lambda: watching(BOTH))
    assert place.alerts() == ["budget opened"]
    for _ in range(2):
        place.run(lambda: watching(LAYOUT))
    assert place.alerts() == ["budget opened", "budget superseded"]


def test_a_profiles_topic_that_was_made_anew_is_read() -> None:
    place = Place()
    place.write(RECORDS)
    place.run()
    place.log.delete_topic(OWN.profiles)
    place.log.create_topic(OWN.profiles, 1)
    place.write(RECORDS[:1])
    role = place.role()
    role.step()
    role.step()
    assert role.positions == {PARTITION: 1}


def test_a_reader_whose_place_is_gone_takes_up_from_the_state() -> None:
    place = Place()
    place.write(RECORDS[:9])
    role = place.role()
    role.step()
    place.write(RECORDS[9:12])
    place.log.trim(PARTITION, 12)
    place.write(RECORDS[12:14])
    for _ in range(3):
        role.step()
    assert role.positions == {PARTITION: 14}


def spoil(place: Place, kind: str, change: Callable[[bytes], bytes]) -> None:
    """Compact the state; every record of that kind comes out damaged."""
    newest = {record.key: record.value or b"" for record in place.scanner.scan(STATE)}
    end = place.scanner.end_offset(STATE)
    of_kind = {key for key in newest if f"/{kind}/".encode() in (key or b"")}
    assert of_kind
    for key, value in newest.items():
        place.log.append(STATE, change(value) if key in of_kind else value, key=key)
    place.log.trim(STATE, end)


def cut_short(value: bytes) -> bytes:
    return value[:-1]


def bit_flipped(value: bytes) -> bytes:
    return value[:-3] + bytes([value[-3] ^ 1]) + value[-2:]


def of_another_kind(_: bytes) -> bytes:
    [part] = split(msgspec.msgpack.encode(["no", "profile"]))
    return part


DAMAGES = pytest.mark.parametrize("change", [cut_short, bit_flipped, of_another_kind])


@DAMAGES
def test_damaged_checkpoints_are_passed_over(
    told: list[str], change: Callable[[bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place()
    place.write(RECORDS)
    place.run()
    spoil(place, "checkpoint", change)
    place.run()
    assert place.alerts() == told
    assert "passed over" in capsys.readouterr().out


@DAMAGES
def test_damaged_closed_panes_leave_windows_that_are_not_complete(
    change: Callable[[bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place()
    place.write(RECORDS[:17])
    place.run()
    spoil(place, "pane", change)
    role = place.role()
    role.step()
    assert "closed pane passed over" in capsys.readouterr().out
    [live] = role.live
    assert live.detector.sums["5m"].total.sum() == 0
    assert live.detector.panes.incomplete >= set(live.store.starts) != set()
