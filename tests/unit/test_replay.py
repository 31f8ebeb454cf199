"""Files run through the engine as a punctual log would: everything is counted, nothing is late."""

from __future__ import annotations

import json
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stream_drift.detection.settings import BudgetSettings
from stream_drift.detection.threshold_settings import ThresholdSettings
from stream_drift.engine.detector import Detector, DetectorSettings
from stream_drift.engine.effects import DetectorEffect, PaneClosed, Publish
from stream_drift.engine.profiler import ProfilerSettings
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.incidents.alert import iso
from stream_drift.profiles.count import Counter
from stream_drift.reference.build import Reference, build_reference
from stream_drift.runtime.files import event_order
from stream_drift.runtime.files.event_order import read_times, sorted_batches, unsorted_batches
from stream_drift.runtime.files.read import read_batches
from stream_drift.runtime.replay import MonitorReplay, ReplayInput, Totals
from stream_drift.runtime.score_json import score_lines

PANE_MS = 60_000
T0 = 1_790_000_040_000  # the start of a pane
SIZE, COLOUR = Field("size", ("size",)), Field("colour", ("colour",))
BOTH = EventMapping(numbers=(SIZE,), categories=(COLOUR,), time=("t",))


def write_lines(path: Path, lines: Sequence[object]) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts))
    return path


def event(t_ms: int, size: float = 1.0, colour: str = "red") -> dict[str, object]:
    return {"t": T0 + t_ms, "size": size, "colour": colour}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    sizes = np.random.default_rng(7).normal(0, 1, 2_000)
    lines = [event(i, size, ("red", "blue")[i % 2]) for i, size in enumerate(sizes.tolist())]
    path = write_lines(tmp_path_factory.mktemp("reference") / "r.jsonl", lines)
    events = map(Decoder(BOTH).decode, read_batches(path, BOTH, T0 + PANE_MS))
    return build_reference(BOTH, events, pane_ms=PANE_MS, created_at="2026-01-01T00:00:00Z")


def settings(*topics: str, no_data_for_ms: int | None = None, score: str = "") -> DetectorSettings:
    limit = ThresholdSettings(score, "*", 1.0, None, "pane", PANE_MS, 1, ("size",))
    return DetectorSettings(
        name="test",
        monitor="m",
        model_version=None,
        holding=topics,
        lateness_ms=PANE_MS,
        windows=(("5m", 5 * PANE_MS),),
        thresholds=(limit,) if score else (),
        no_data_for_ms=no_data_for_ms,
        repeat_interval_ms=3_600_000,
        budget=BudgetSettings(false_incidents_per_30d=1e-12),  # thresholds alone open incidents
    )


def source(
    reference: Reference, topic: str, path: Path, mapping: EventMapping = BOTH
) -> ReplayInput:
    carried = [field.name for field in (*mapping.numbers, *mapping.categories)]
    counter = Counter(reference.layout, carried, counts_events=SIZE in mapping.numbers)
    return ReplayInput(
        topic, path, mapping, ProfilerSettings(Decoder(mapping), counter, lateness_ms=PANE_MS)
    )


def run(
    detector: Detector, sources: Sequence[ReplayInput], *, in_order: bool = False
) -> tuple[list[DetectorEffect], Totals]:
    replay = MonitorReplay(detector, sources, in_order=in_order)
    effects = list(replay.effects(lambda *_: None))
    return effects, replay.totals


def run_file(
    reference: Reference, path: Path, *, in_order: bool = False
) -> tuple[dict[int, int], Totals]:
    """Events per closed pane, counted in panes since T0."""
    detector = Detector(settings("t"), reference)
    effects, totals = run(detector, [source(reference, "t", path)], in_order=in_order)
    return panes_of(effects), totals


def panes_of(effects: Sequence[DetectorEffect]) -> dict[int, int]:
    return {
        (effect.start_ms - T0) // PANE_MS: effect.profile.events
        for effect in effects
        if isinstance(effect, PaneClosed)
    }


# Order -------------------------------------------------------------------------------------------


def test_records_without_a_time_keep_their_place(tmp_path: Path) -> None:
    lines = ["{", {"t": 2}, {"t": T0 + 5}, {"size": 1}, "[]", {"t": T0 + 3}]
    path = write_lines(tmp_path / "a.jsonl", lines)
    times = read_times(path, BOTH, lambda _: None)
    assert (times - T0).tolist() == [5, 5, 5, 5, 5, 3]
    (batch,) = sorted_batches(path, BOTH, times)
    assert [json.loads(v or b"") if v != b"{" else "{" for v in batch.values] == [
        {"t": T0 + 3}, "{", {"t": 2}, {"t": T0 + 5}, {"size": 1}, [],
    ]  # fmt: skip


def test_file_without_any_time_stays_as_it_is(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", ["a", "b", "c"])
    times = read_times(path, BOTH, lambda _: None)
    (batch,) = sorted_batches(path, BOTH, times)
    assert batch.values == [b"a", b"b", b"c"]


@pytest.mark.parametrize("batch_records", [1, 3, 1000])
def test_sorting_is_stable_and_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_records: int
) -> None:
    monkeypatch.setattr("stream_drift.runtime.files.read.BATCH_RECORDS", batch_records)
    monkeypatch.setattr(event_order, "BATCH_RECORDS", batch_records)
    offsets_ms = np.random.default_rng(3).integers(0, 40, 200).tolist()
    rows = [{"t": T0 + ms, "row": row} for row, ms in enumerate(offsets_ms)]
    path = write_lines(tmp_path / "a.jsonl", rows)
    batches = list(sorted_batches(path, BOTH, read_times(path, BOTH, lambda _: None)))
    found = [json.loads(value or b"") for batch in batches for value in batch.values]
    assert found == sorted(rows, key=lambda row: row["t"])
    assert np.concatenate([b.offsets for b in batches]).tolist() == list(range(200))
    assert np.concatenate([b.timestamps_ms for b in batches]).tolist() == [r["t"] for r in found]
    assert max(map(len, batches)) <= batch_records


def test_in_order_a_record_is_stamped_with_the_greatest_time_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream_drift.runtime.files.read.BATCH_RECORDS", 2)
    lines = [{"t": T0 + 5}, {"t": T0 + 3}, {"t": T0 + 4}, "{", {"t": T0 + 9}]
    path = write_lines(tmp_path / "a.jsonl", lines)
    batches = list(unsorted_batches(path, BOTH))
    stamps = np.concatenate([batch.timestamps_ms for batch in batches])
    assert (stamps - T0).tolist() == [5, 5, 5, 5, 9]


# One file ----------------------------------------------------------------------------------------


def test_every_event_is_in_its_pane_however_the_file_is_ordered(
    tmp_path: Path, reference: Reference
) -> None:
    times = np.random.default_rng(5).integers(0, 50 * PANE_MS, 500)
    path = write_lines(tmp_path / "a.jsonl", [event(t) for t in times.tolist()])
    found, totals = run_file(reference, path)
    panes, counts = np.unique(times // PANE_MS, return_counts=True)
    assert found == dict(zip(panes.tolist(), counts.tolist(), strict=True))
    assert (totals.events, totals.late, totals.panes) == (500, 0, len(panes))


def test_in_order_events_behind_the_watermark_are_late(
    tmp_path: Path, reference: Reference
) -> None:
    minutes = [0, 1, 5, 1, 4, 6]  # the watermark is a minute behind: pane 1 is over at 5 min
    path = write_lines(tmp_path / "a.jsonl", [event(m * PANE_MS) for m in minutes])
    found, totals = run_file(reference, path, in_order=True)
    assert found == {0: 1, 1: 1, 4: 1, 5: 1, 6: 1}
    assert (totals.events, totals.late) == (6, 1)
    assert run_file(reference, path)[0] == {0: 1, 1: 2, 4: 1, 5: 1, 6: 1}


def test_rejects_are_counted_by_reason_and_stop_nothing(
    tmp_path: Path, reference: Reference
) -> None:
    lines = ["{", event(0), [], {"size": 1}, {"t": 5}, event(PANE_MS), '{"t": "never"}']
    path = write_lines(tmp_path / "a.jsonl", lines)
    for in_order in (False, True):
        found, totals = run_file(reference, path, in_order=in_order)
        assert found == {0: 1, 1: 1}
        assert totals.rejected == {
            "decode": 1, "not_object": 1, "no_time": 2, "implausible_time": 1,
        }  # fmt: skip


@pytest.mark.parametrize("lines", [[], ["{"]])
def test_file_without_events_closes_nothing(
    tmp_path: Path, reference: Reference, lines: list[str]
) -> None:
    found, totals = run_file(reference, write_lines(tmp_path / "a.jsonl", lines))
    assert (found, totals.events, totals.panes) == ({}, 0, 0)


def test_told_how_far_it_is(tmp_path: Path, reference: Reference) -> None:
    path = write_lines(tmp_path / "a.jsonl", [event(0)] * 3)
    told: list[tuple[str, int, int | None]] = []
    detector = Detector(settings("t"), reference)
    replay = MonitorReplay(detector, [source(reference, "t", path)])
    list(replay.effects(lambda *what: told.append(what)))
    assert told == [("ordering", 3, None), ("replaying", 3, 3), ("replaying", 3, 3)]


def test_end_of_the_file_is_no_feed_that_stopped(tmp_path: Path, reference: Reference) -> None:
    minutes = [0, 1, 10, 11]
    path = write_lines(tmp_path / "a.jsonl", [event(m * PANE_MS) for m in minutes])
    detector = Detector(settings("t", no_data_for_ms=3 * PANE_MS), reference)
    effects, totals = run(detector, [source(reference, "t", path)])
    alerts = [effect.alert for effect in effects if isinstance(effect, Publish)]
    assert [alert.data.change for alert in alerts] == ["opened", "resolved"]
    assert totals.incidents == 1


def test_alert_is_detected_at_its_time(tmp_path: Path, reference: Reference) -> None:
    lines = [event(i * 1000, size=3.0 if i >= 60 else i / 60) for i in range(180)]
    path = write_lines(tmp_path / "a.jsonl", lines)
    detector = Detector(settings("t", score="mean_shift"), reference)
    effects, _ = run(detector, [source(reference, "t", path)])
    (alert,) = [effect.alert for effect in effects if isinstance(effect, Publish)]
    assert alert.data.detected_at == iso(alert.time_ms) == iso(T0 + 2 * PANE_MS)


# Several files -----------------------------------------------------------------------------------


def two_files(folder: Path, reference: Reference) -> list[ReplayInput]:
    """Sizes every 10 s for 20 min, colours every 30 s for 30 min."""
    sizes = [{"t": T0 + i * 10_000, "size": 0.5} for i in range(120)]
    colours = [{"t": T0 + i * 30_000, "colour": "red"} for i in range(60)]
    return [
        source(
            reference, "sizes", write_lines(folder / "s.jsonl", sizes), replace(BOTH, categories=())
        ),
        source(
            reference,
            "colours",
            write_lines(folder / "c.jsonl", colours),
            replace(BOTH, numbers=()),
        ),
    ]


def test_inputs_meet_in_their_panes(tmp_path: Path, reference: Reference) -> None:
    detector = Detector(settings("sizes", "colours"), reference)
    effects, totals = run(detector, two_files(tmp_path, reference))
    closed = [effect for effect in effects if isinstance(effect, PaneClosed)]
    usable = [effect.profile.usable().tolist() for effect in closed]
    assert usable[:20] == [[6, 2]] * 20
    assert totals.events == 180


def test_inputs_move_on_together(
    tmp_path: Path, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_order, "BATCH_RECORDS", 5)
    monkeypatch.setattr("stream_drift.runtime.files.read.BATCH_RECORDS", 5)
    detector = Detector(settings("sizes", "colours"), reference)
    greatest = 0
    replay = MonitorReplay(detector, two_files(tmp_path, reference))
    for _ in replay.effects(lambda *_: None):
        greatest = max(greatest, len(detector.panes.folded))
    assert greatest <= 6


def test_result_does_not_depend_on_batches(
    tmp_path: Path, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(Detector(settings("sizes", "colours"), reference), two_files(tmp_path, reference))
    monkeypatch.setattr(event_order, "BATCH_RECORDS", 7)
    monkeypatch.setattr("stream_drift.runtime.files.read.BATCH_RECORDS", 7)
    pieces = run(Detector(settings("sizes", "colours"), reference), two_files(tmp_path, reference))
    assert lines_of(whole[0]) == lines_of(pieces[0])


def test_alerts_do_not_depend_on_batches(
    tmp_path: Path, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes = [*range(5), *range(12, 15), *range(40, 42), 46]
    lines = [event(m * PANE_MS + s * 1000, size=3.0) for m in minutes for s in range(30)]
    path = write_lines(tmp_path / "a.jsonl", lines)
    found = []
    for batch_records in (1000, 30, 7, 1):
        monkeypatch.setattr(event_order, "BATCH_RECORDS", batch_records)
        monkeypatch.setattr("stream_drift.runtime.files.read.BATCH_RECORDS", batch_records)
        wanted = settings("t", no_data_for_ms=3 * PANE_MS, score="mean_shift")
        effects, _ = run(Detector(wanted, reference), [source(reference, "t", path)])
        found.append([effect.alert for effect in effects if isinstance(effect, Publish)])
    policies = Tally(alert.data.policy for alert in found[0] if alert.data.change == "opened")
    assert policies == {"no_data": 3, "threshold:mean_shift/*/above1/pane": 1}
    assert found[1:] == found[:1] * 3


# Lines of scores ---------------------------------------------------------------------------------


def lines_of(effects: Sequence[DetectorEffect]) -> list[bytes]:
    panes = [effect for effect in effects if isinstance(effect, PaneClosed)]
    return [line for pane in panes for line in score_lines("m", pane)]


@pytest.fixture
def scored(tmp_path: Path, reference: Reference) -> list[dict[str, object]]:
    sizes = np.random.default_rng(11).normal(0.5, 1, 30).tolist()
    lines = [event(i * 1000, size) for i, size in enumerate(sizes)] + [event(PANE_MS, 0.25)]
    path = write_lines(tmp_path / "a.jsonl", lines)
    effects, _ = run(Detector(settings("t"), reference), [source(reference, "t", path)])
    return [json.loads(line) for line in lines_of(effects)]


REQUIRED = [
    "monitor", "feature", "score", "value", "raw", "status", "against", "window", "pane_start",
    "pane_end", "n",
]  # fmt: skip


def test_score_line_has_the_published_keys(scored: list[dict[str, object]]) -> None:
    for line in scored:
        assert list(line)[: len(REQUIRED)] == REQUIRED
        assert set(line) <= {*REQUIRED, "p_value", "low", "high"}
        against = "baseline" if line["score"] == "evidence" else "reference"
        assert (line["monitor"], line["against"]) == ("m", against)
        assert (line["value"] is None) == (line["status"] == "insufficient")


def test_every_pane_is_scored_by_itself_and_in_every_window(
    scored: list[dict[str, object]],
) -> None:
    keys = [(line["pane_start"], line["window"], line["feature"], line["score"]) for line in scored]
    assert len(set(keys)) == len(keys)
    volumes = [line for line in scored if line["score"] == "volume"]
    assert [(v["window"], v["pane_start"], v["pane_end"], v["value"]) for v in volumes] == [
        ("pane", iso(T0), iso(T0 + PANE_MS), 30),
        ("5m", iso(T0), iso(T0 + PANE_MS), 30),
        ("pane", iso(T0 + PANE_MS), iso(T0 + 2 * PANE_MS), 1),
        ("5m", iso(T0 + PANE_MS), iso(T0 + 2 * PANE_MS), 31),
    ]


def test_optional_keys_are_there_where_the_score_has_them(scored: list[dict[str, object]]) -> None:
    first = {(line["feature"], line["score"]): line for line in reversed(scored)}
    assert first["size", "ks"].keys() >= {"p_value"}
    assert first["size", "mean_shift"].keys() >= {"low", "high"}
    assert not {"p_value", "low", "high"} & first[None, "volume"].keys()


def test_scores_have_six_significant_digits(scored: list[dict[str, object]]) -> None:
    values = [value for line in scored for value in line.values() if isinstance(value, float)]
    assert len(values) > 50
    assert all(value == float(f"{value:.6g}") for value in values)
