"""A backtest counts what is false on clean history, and finds what was planted into it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_drift.app import detector_settings, load_monitor, profiler_settings
from stream_drift.cli.main import main
from stream_drift.config.load import load_settings
from stream_drift.config.settings import mapping_of
from stream_drift.engine.detector import Detector
from stream_drift.events.columns import INVALID, MISSING, NOT_FINITE
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.profile import Profile
from stream_drift.runtime.backtest import representatives
from stream_drift.runtime.files.read import read_batches
from stream_drift.runtime.history import closed_panes
from stream_drift.runtime.injection import SHIFTS, Recorded, Shift, altered_panes, chances
from stream_drift.runtime.recording import RecordingDecoder, recorded_feature, recording
from stream_drift.runtime.replay import ReplayInput

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
T0 = 1_790_002_800_000  # the start of an hour
PER_HOUR = 60
CONFIG = """
monitors:
  shop:
    reference: shop.json
    pane: 1h
    windows: [6h]
    inputs: [{topic: orders, carries: [features], time: t}]
    features: {size: number, count: number, colour: category}
    detection:
      smallest_effect: 0.02
      thresholds:
        - {score: ks, of: size, above: 0.001, window: pane, for: 1}
        - {score: mean_shift, of: size, above: -5, window: 6h, for: 1}
        - {score: mean_shift, of: size, above: 5, window: 6h, for: 1}
"""
OFTEN = "threshold:ks/size/above0.001/pane"
ALWAYS = "threshold:mean_shift/size/above-5/6h"
NEVER = "threshold:mean_shift/size/above5/6h"


def orders(n_days: float, seed: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    n = int(n_days * 24 * PER_HOUR)
    sizes, counts = rng.normal(10, 2, n), rng.poisson(3, n)
    colours = rng.choice(["red", "blue", "green"], n, p=[0.6, 0.3, 0.1])
    step_ms = HOUR_MS // PER_HOUR
    return [
        {"t": T0 + i * step_ms, "size": size, "count": count, "colour": colour}
        for i, (size, count, colour) in enumerate(
            zip(sizes.tolist(), counts.tolist(), colours.tolist(), strict=True)
        )
    ]


def write(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def stream_drift(*args: str | Path, code: int = 0) -> None:
    with pytest.raises(SystemExit) as left:
        main([str(arg) for arg in args])
    assert left.value.code == code


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration, a reference and 24 clean days."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "config.yaml").write_text(CONFIG)
    first = write(folder / "first.jsonl", orders(4, seed=1))
    stream_drift("reference", "build", "-c", folder / "config.yaml", "--from", first)
    write(folder / "history.jsonl", orders(24, seed=2))
    return folder


@pytest.fixture(scope="module")
def report(shop: Path) -> dict[str, Any]:
    """What a backtest of the clean days says as JSON."""
    return run_backtest(shop, shop / "history.jsonl")


def run_backtest(shop: Path, history: Path, config: str = "config.yaml") -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        said: list[bytes] = []
        patch.setattr("click.echo", lambda text, **_: said.append(text))
        stream_drift("backtest", "-c", shop / config, "--events", history, "--output", "json")
    monitors: dict[str, Any] = json.loads(said[0])["monitors"]
    shown: dict[str, Any] = monitors["shop"]
    return shown


# Injection ---------------------------------------------------------------------------------------


def sources(shop: Path, path: Path) -> tuple[Detector, list[ReplayInput]]:
    settings = load_settings(shop / "config.yaml")
    monitor = load_monitor(replace(settings.monitors[0], joint=False))
    wanted = replace(detector_settings(settings, monitor), publish_scores=False, thresholds=())
    (source,) = monitor.data_inputs
    mapping = mapping_of(monitor.settings, source)
    profiler = profiler_settings(monitor, source)
    return Detector(wanted, monitor.reference), [ReplayInput("orders", path, mapping, profiler)]


def panes_of_file(shop: Path, path: Path) -> list[tuple[int, Profile]]:
    return closed_panes(*sources(shop, path))


@pytest.mark.parametrize(
    ("name", "shift"),
    [(name, s) for s in SHIFTS if s.kind != "share" for name in ("size", "count")]
    + [("colour", s) for s in SHIFTS if s.kind in {"share", "missing"}],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_altered_panes_are_what_altered_events_would_have_been_counted_as(
    shop: Path, tmp_path: Path, name: str, shift: Shift
) -> None:
    rows = orders(1, seed=5)
    detector, inputs = sources(shop, write(tmp_path / "clean.jsonl", rows))
    recorders, decoders = recording(inputs, {name})
    panes = closed_panes(detector, recorders)
    onset = 9
    recorded = recorded_feature(decoders, panes[0][1].layout, name, panes[onset][0])
    values = recorded.with_shift(shift)
    assert values is not None
    for row, value in zip(rows[onset * PER_HOUR :], values.tolist(), strict=True):
        row[name] = None if value != value else value  # noqa: PLR0124  # only NaN differs
    expected = panes_of_file(shop, write(tmp_path / "altered.jsonl", rows))
    altered = list(altered_panes(panes[onset:], recorded, values))
    assert [*panes[:onset], *altered] == expected
    assert altered != panes[onset:]


@pytest.mark.parametrize("name", ["size", "count", "colour"])
def test_values_of_two_inputs_count_as_they_were_counted(
    shop: Path, tmp_path: Path, name: str
) -> None:
    detector, (one,) = sources(shop, write(tmp_path / "one.jsonl", orders(1, seed=5)))
    other = replace(one, topic="more", path=write(tmp_path / "two.jsonl", orders(2, seed=6)))
    both = replace(detector.settings, holding=("orders", "more"))
    recorders, decoders = recording([one, other], {name})
    panes = closed_panes(Detector(both, detector.reference), recorders)
    recorded = recorded_feature(decoders, detector.reference.layout, name, 0)
    assert len(recorded.starts) == 3 * 24 * PER_HOUR
    assert list(altered_panes(panes, recorded, recorded.values)) == panes


def test_events_that_are_decoded_twice_are_kept_once(shop: Path, tmp_path: Path) -> None:
    rows = orders(1, seed=5)[:5]
    _, (source,) = sources(shop, write(tmp_path / "five.jsonl", rows))
    (batch,) = read_batches(source.path, source.mapping, T0 + DAY_MS)
    decoder = RecordingDecoder(source.mapping, {"size"})
    for part in (batch.slice(0, 3), batch.slice(0, 2), batch):
        assert len(decoder.decode(part)) == len(part)
    found = decoder.recorded("size", rows[1]["t"])
    assert found is not None
    offsets, times_ms, values = found
    assert offsets.tolist() == [1, 2, 3, 4]
    assert times_ms.tolist() == [row["t"] for row in rows[1:]]
    assert values.tolist() == [row["size"] for row in rows[1:]]
    assert decoder.recorded("colour", 0) is None


@pytest.mark.parametrize("shift", [s for s in SHIFTS if s.kind in {"mean", "variance"}])
def test_values_that_cannot_be_used_stay_as_they_are(shift: Shift) -> None:
    layout = Layout((NumberLayout("size", (0.0, 1.0), (0, 1, 2), 0.5, 1.0),), (), HOUR_MS)
    values = np.array([MISSING, INVALID, NOT_FINITE])
    n = np.zeros(3, np.int64)
    altered = Recorded(layout, 0, n, chances(n, 0), values).with_shift(shift)
    np.testing.assert_array_equal(altered, values)
    some = np.array([MISSING, INVALID, NOT_FINITE, 0.25, 0.75])
    n = np.zeros(5, np.int64)
    altered = Recorded(layout, 0, n, chances(n, 0), some).with_shift(shift)
    assert altered is not None
    np.testing.assert_array_equal(altered[:3], values)


def test_where_one_category_is_nearly_everything_another_gains(shop: Path, tmp_path: Path) -> None:
    rows = [{**row, "colour": "red"} for row in orders(1, seed=5)]
    detector, inputs = sources(shop, write(tmp_path / "red.jsonl", rows))
    recorders, decoders = recording(inputs, {"colour"})
    closed_panes(detector, recorders)
    recorded = recorded_feature(decoders, detector.reference.layout, "colour", 0)
    altered = recorded.with_shift(Shift("share_10", "share", 0.1))
    assert altered is not None
    assert 0.05 < np.mean(altered != "red") < 0.15


def test_a_lone_category_has_no_room() -> None:
    layout = Layout((), (CategoryLayout("colour", ("red",), ()),), HOUR_MS)
    n = np.zeros(50, np.int64)
    recorded = Recorded(layout, 0, n, chances(np.arange(50), 0), np.array(["red"] * 50, object))
    assert recorded.with_shift(Shift("share_10", "share", 0.1)) is None


def test_inputs_have_chances_of_their_own() -> None:
    found = [chances(np.arange(1000), salt) for salt in (0, 1)]
    assert not set(found[0].tolist()) & set(found[1].tolist())


@pytest.mark.parametrize(("name", "kind", "size"), [("size", "mean", 0.5), ("count", "mean", 0.25)])
def test_a_mean_moves_by_so_many_reference_sd(
    shop: Path, tmp_path: Path, name: str, kind: str, size: float
) -> None:
    values, altered, unit = shifted(shop, tmp_path, name, kind, size)
    assert np.mean(altered - values) / unit == pytest.approx(size, abs=0.03)


def test_whole_numbers_stay_whole(shop: Path, tmp_path: Path) -> None:
    _, altered, _ = shifted(shop, tmp_path, "count", "mean", 0.1)
    assert (altered == np.floor(altered)).all()


def test_a_variance_grows_by_half_around_its_mean(shop: Path, tmp_path: Path) -> None:
    values, altered, _ = shifted(shop, tmp_path, "size", "variance", 1.5)
    assert altered.var() / values.var() == pytest.approx(1.5)
    assert altered.mean() == pytest.approx(values.mean())


def test_five_percent_go_missing(shop: Path, tmp_path: Path) -> None:
    _, altered, _ = shifted(shop, tmp_path, "size", "missing", 0.05)
    assert np.isnan(altered).mean() == pytest.approx(0.05, abs=0.02)


def test_a_category_gains_ten_points(shop: Path, tmp_path: Path) -> None:
    values, altered, _ = shifted(shop, tmp_path, "colour", "share", 0.1)
    assert (altered == "red").mean() - (values == "red").mean() == pytest.approx(0.1, abs=0.02)


def shifted(
    shop: Path, tmp_path: Path, name: str, kind: str, size: float
) -> tuple[Any, Any, float]:
    """Values before and after, and the reference's sd."""
    detector, inputs = sources(shop, write(tmp_path / "a.jsonl", orders(2, seed=6)))
    recorders, decoders = recording(inputs, {name})
    closed_panes(detector, recorders)
    recorded = recorded_feature(decoders, detector.reference.layout, name, 0)
    (shift,) = (s for s in SHIFTS if (s.kind, s.size) == (kind, size))
    return recorded.values, recorded.with_shift(shift), getattr(recorded.part, "unit", 1.0)


def test_the_important_come_first_and_constants_never(shop: Path) -> None:
    detector, _ = sources(shop, shop / "history.jsonl")
    profile = detector.reference.profile
    assert representatives(profile, {}) == (("size", "count"), ("colour",))
    assert representatives(profile, {"count": 5.0}) == (("count", "size"), ("colour",))
    assert representatives(Profile.empty(profile.layout), {}) == ((), ("colour",))


# The command -------------------------------------------------------------------------------------


def test_clean_history_costs_the_budget_nothing(report: dict[str, Any]) -> None:
    assert report["baseline"]["state"] == "armed"
    budget = report["policies"]["budget"]
    assert (budget["false_incidents"], budget["expected_per_30d"]) == (0, 1.0)


def test_larger_shifts_are_found_sooner(report: dict[str, Any]) -> None:
    delays = report["policies"]["budget"]["delays"]
    assert delays["mean_0.5"]["found"] == delays["mean_0.5"]["judged"] == 2
    large, small = delays["mean_0.5"]["median_ms"], delays["mean_0.25"]["median_ms"]
    assert 0 < large < small
    assert delays["share_10"]["found"] == 1


def test_an_absurdly_low_threshold_shows_its_false_incidents(report: dict[str, Any]) -> None:
    often = report["policies"][OFTEN]
    assert often["false_incidents"] >= 10
    assert often["per_30d"] == often["false_incidents"] * 30 / 8
    assert often["expected_per_30d"] is None


def test_a_threshold_that_is_always_open_finds_nothing(report: dict[str, Any]) -> None:
    always = report["policies"][ALWAYS]
    assert always["false_incidents"] == 1
    of_size = always["delays"]["mean_0.5"]
    assert (of_size["open_before"], of_size["judged"], of_size["found"]) == (1, 1, 0)


def test_a_threshold_out_of_reach_finds_nothing(report: dict[str, Any]) -> None:
    never = report["policies"][NEVER]
    assert never["false_incidents"] == 0
    assert never["delays"]["mean_0.5"] == {
        "median_ms": None, "found": 0, "judged": 2, "open_before": 0,
    }  # fmt: skip


def test_two_thirds_teach_and_the_rest_is_tried(report: dict[str, Any]) -> None:
    assert (report["learned"]["days"], report["tested"]["days"]) == (16.0, 8.0)
    assert report["tested"]["onset"] == "2026-10-10T07:00:00Z"  # 64 of 192 hours
    assert report["events"] == 24 * 24 * PER_HOUR


def test_the_table_names_every_policy_and_its_delays(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(shop / "week.jsonl", orders(7, seed=3))
    stream_drift("backtest", "-c", shop / "config.yaml", "--events", path)
    shown = capsys.readouterr().out
    for text in ("budget", "ks of size > 0.001, pane", "not found", "+0.5 sd"):
        assert text in shown


def test_without_thresholds_the_budget_stands_alone(shop: Path) -> None:
    (shop / "plain.yaml").write_text(CONFIG.partition("      thresholds:")[0])
    report = run_backtest(shop, write(shop / "week.jsonl", orders(7, seed=3)), "plain.yaml")
    assert list(report["policies"]) == ["budget"]
    delays = report["policies"]["budget"]["delays"]
    assert delays["missing_5"]["found"] == delays["missing_5"]["judged"] == 3
    assert delays["missing_5"]["median_ms"] < DAY_MS


def test_a_short_history_says_what_it_is_worth(shop: Path) -> None:
    report = run_backtest(shop, write(shop / "short.jsonl", orders(2, seed=3)))
    assert report["baseline"]["state"] == "provisional"
    assert report["policies"]["budget"]["expected_per_30d"] is None
    assert any("more history" in note for note in report["notes"])


def test_without_learning_nothing_is_promised(shop: Path) -> None:
    (shop / "none.yaml").write_text(
        CONFIG.replace("detection:", "detection:\n      learning: none")
    )
    report = run_backtest(shop, write(shop / "short.jsonl", orders(2, seed=3)), "none.yaml")
    assert report["baseline"]["state"] == "provisional"
    assert report["policies"]["budget"]["expected_per_30d"] is None
    assert "no baseline" in report["notes"][0]


def test_one_pane_is_no_history(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(shop / "one.jsonl", orders(1 / 24, seed=3))
    stream_drift("backtest", "-c", shop / "config.yaml", "--events", path, code=2)
    assert "give some weeks of events" in capsys.readouterr().err


def test_every_key_of_the_json_is_documented(report: dict[str, Any]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "backtest.md").read_text()
    policy = report["policies"]["budget"]
    delays = policy["delays"]
    keys = {*report, *report["learned"], *report["tested"], *report["baseline"]}
    keys |= {*report["shifted"], *policy, *delays, *next(iter(delays.values()))}
    assert {key for key in keys if f"`{key}`" not in page} == set()
