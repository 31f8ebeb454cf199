"""The documented configuration, and what it means."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from stream_drift.config.load import load_settings
from stream_drift.config.settings import (
    Effect,
    HttpSettings,
    LearningSettings,
    MonitorSettings,
    Settings,
    WindowSettings,
    mapping_of,
)
from stream_drift.detection.threshold_settings import ThresholdSettings
from stream_drift.events.mapping import EventMapping, Field, Filter
from stream_drift.scoring.catalogue import CATALOGUE

CONTRACT = Path(__file__).parents[2] / "golden" / "config" / "contract.yaml"
MINIMAL = """
monitors:
  hotel:
    reference: r.json
    inputs: [{topic: bookings, carries: [features]}]
    features: {price: number}
"""
DAY_MS = 86_400_000


@pytest.fixture
def settings() -> Settings:
    return load_settings(CONTRACT, {})


@pytest.fixture
def hotel(settings: Settings) -> MonitorSettings:
    found = settings.monitor("hotel-cancellation")
    assert found is not None
    return found


def load_text(tmp_path: Path, text: str, **environ: str) -> Settings:
    file = tmp_path / "c.yaml"
    file.write_text(text, "utf-8")
    return load_settings(file, environ)


def with_lines(tmp_path: Path, *lines: str) -> MonitorSettings:
    """The minimal monitor with more lines."""
    text = MINIMAL + "".join(f"    {line}\n" for line in lines)
    return load_text(tmp_path, text).monitors[0]


def test_the_contract_says_where_and_what_to_read(settings: Settings) -> None:
    assert settings.kafka == {"bootstrap.servers": "localhost:9092"}
    assert settings.http == HttpSettings("127.0.0.1", 9464, 200, "loopback")
    assert [(each.type, each.options) for each in settings.channels] == [
        ("alertmanager", {"urls": ("http://localhost:9093",)})
    ]


def test_the_contract_says_what_a_monitor_watches(hotel: MonitorSettings) -> None:
    assert (hotel.model_version, hotel.model_version_path) == ("3", None)
    assert hotel.reference == CONTRACT.parent / "references" / "hotel.json"
    assert (hotel.pane_ms, hotel.lateness_ms, hotel.timezone) == (300_000, 600_000, "Europe/Lisbon")
    assert hotel.windows == (WindowSettings("1h", 3_600_000), WindowSettings("1d", DAY_MS))
    assert [(f.name, f.kind, f.path, f.importance, f.smallest_effect) for f in hotel.features] == [
        ("lead_time", "number", ("lead_time",), "normal", Effect(0.05, "sd")),
        ("country", "category", ("country",), "normal", Effect(0.05, "sd")),
        ("adr", "number", ("price", "adr"), "high", Effect(5, "feature")),
    ]
    assert hotel.label is not None
    assert (hotel.label.value, hotel.label.matures_after_ms) == (("is_canceled",), 2 * DAY_MS)
    assert (hotel.label.horizon_ms, hotel.label.join_rows) == (35 * DAY_MS, 1_000_000)


def test_the_contract_says_what_opens_an_incident(hotel: MonitorSettings) -> None:
    detection = hotel.detection
    features = ("lead_time", "country", "adr", "prediction", "score")
    assert detection.thresholds == (
        ThresholdSettings("psi", "*", 0.2, None, "1d", DAY_MS, 3, features),
    )
    assert detection.learning == LearningSettings(length_ms=14 * DAY_MS)
    assert detection.no_data_for_ms == 30 * 60_000
    assert detection.repeat_interval_ms == 4 * 3_600_000
    assert detection.false_incidents_per_30d == 1.0


def test_each_input_reads_what_it_carries(hotel: MonitorSettings) -> None:
    bookings, outcomes = (mapping_of(hotel, source) for source in hotel.inputs)
    assert bookings == EventMapping(
        numbers=(
            Field("lead_time", ("lead_time",)),
            Field("adr", ("price", "adr")),
            Field("score", ("y_pred_proba",)),
        ),
        categories=(Field("country", ("country",)), Field("prediction", ("y_pred",))),
        event_id=("booking_id",),
        time=("booked_at",),
    )
    assert (outcomes.numbers, outcomes.categories) == ((), ())
    assert outcomes.time == ("decided_at",)


def test_features_and_predictions_may_come_apart(tmp_path: Path) -> None:
    monitor = load_text(
        tmp_path,
        "monitors:\n"
        "  m:\n"
        "    reference: r.json\n"
        "    inputs:\n"
        "      - {topic: a, carries: [features]}\n"
        "      - {topic: b, carries: [prediction], where: {field: model.name, equals: 17.0}}\n"
        "    features: {price: number, city: category}\n"
        "    prediction: {value: y, task: regression}\n",
    ).monitors[0]
    features, predictions = (mapping_of(monitor, source) for source in monitor.inputs)
    assert features.numbers == (Field("price", ("price",)),)
    assert features.categories == (Field("city", ("city",)),)
    assert (predictions.numbers, predictions.categories) == ((Field("prediction", ("y",)),), ())
    assert predictions.where == Filter(("model", "name"), "17")


def test_what_is_left_out_has_the_documented_default(tmp_path: Path) -> None:
    settings = load_text(tmp_path, MINIMAL)
    monitor, detection = settings.monitors[0], settings.monitors[0].detection
    assert (settings.name, settings.kafka, settings.channels) == ("streamdrift", {}, ())
    assert settings.http == HttpSettings("127.0.0.1", 9464, 200, "loopback")
    assert (monitor.pane_ms, monitor.lateness_ms, monitor.timezone) == (300_000, 600_000, "UTC")
    assert [window.name for window in monitor.windows] == ["1h", "1d"]
    assert (monitor.samples.rate, monitor.samples.key) == (1 / 16, b"hotel")
    assert not monitor.samples.key_is_secret
    assert (monitor.prediction, monitor.label, monitor.privacy) == (None, None, "standard")
    assert (monitor.model_version, monitor.model_version_path) == (None, None)
    assert detection.learning == LearningSettings(length_ms=14 * DAY_MS)
    assert (detection.thresholds, detection.no_data_for_ms) == ((), None)
    assert detection.smallest_effect == Effect(0.05, "sd")
    assert (detection.false_incidents_per_30d, detection.repeat_interval_ms) == (1.0, 14_400_000)
    assert monitor.inputs[0].event_id is None
    assert monitor.inputs[0].time is None


@pytest.mark.parametrize(
    ("line", "length_ms", "history", "since_ms", "until_ms"),
    [
        ("28d", 28 * DAY_MS, [], None, None),
        ("none", None, [], None, None),
        ("{history: old.csv}", None, [(None, "old.csv")], None, None),
        ("{history: {bookings: a.csv}}", None, [("bookings", "a.csv")], None, None),
        (
            "{history: {since: 1970-01-02, until: 1970-01-03T00:00:00+01:00}}",
            None,
            [],
            1.0,
            47 / 24,
        ),
        ("{since: 1970-01-02T12:00Z}", None, [], 1.5, None),
    ],
)
def test_learning_is_a_length_a_history_or_none(
    tmp_path: Path,
    line: str,
    length_ms: int | None,
    history: list[tuple[str | None, str]],
    since_ms: float | None,
    until_ms: float | None,
) -> None:
    timed = MINIMAL.replace("bookings,", "bookings, time: at,")
    text = f"{timed}    detection: {{learning: {line}}}\n"
    found = load_text(tmp_path, text).monitors[0].detection.learning
    assert found == LearningSettings(
        length_ms,
        tuple((topic, tmp_path / file) for topic, file in history),
        None if since_ms is None else round(since_ms * DAY_MS),
        None if until_ms is None else round(until_ms * DAY_MS),
    )


def test_a_version_is_a_text_or_a_field(tmp_path: Path) -> None:
    assert with_lines(tmp_path, "model_version: 3.10").model_version == "3.10"
    found = with_lines(tmp_path, "model_version: {field: model.version}")
    assert (found.model_version, found.model_version_path) == (None, ("model", "version"))


@pytest.mark.parametrize(
    ("rate", "share"), [("1/4", 0.25), ("0.5", 0.5), ("1", 1.0), ("1 / 3", 1 / 3)]
)
def test_a_rate_is_a_fraction_or_a_number(tmp_path: Path, rate: str, share: float) -> None:
    assert with_lines(tmp_path, f"samples: {{rate: {rate}}}").samples.rate == share


def test_ids_are_hidden_by_the_content_of_the_key_file(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("open sesame\n")
    samples = with_lines(tmp_path, "samples: {key_file: key.txt}").samples
    assert (samples.key, samples.key_is_secret) == (b"open sesame", True)
    assert "sesame" not in repr(samples)


def test_the_effect_of_a_category_is_a_share_of_events(tmp_path: Path) -> None:
    text = MINIMAL.replace("number}", "number, a: {type: category, smallest_effect: 0.02}}")
    effects = [f.smallest_effect for f in load_text(tmp_path, text).monitors[0].features]
    assert effects == [Effect(0.05, "sd"), Effect(0.02, "share")]


def test_a_threshold_on_all_features_means_those_that_have_the_score(tmp_path: Path) -> None:
    text = MINIMAL.replace("number}", "number, city: category}")
    text += "    detection:\n      thresholds:\n"
    for name in CATALOGUE:
        of = "model" if CATALOGUE[name].applies_to == ("model",) else "'*'"
        text += f"      - {{score: {name}, of: {of}, below: 0.5, window: pane, for: 2}}\n"
    thresholds = load_text(tmp_path, text).monitors[0].detection.thresholds
    found = {threshold.score: threshold.features for threshold in thresholds}
    assert found["psi"] == ("price", "city")
    assert found["ks"] == ("price",)
    assert found["new"] == ("city",)
    assert found["volume"] == ()
    assert {threshold.window_ms for threshold in thresholds} == {300_000}


@pytest.mark.parametrize(
    "part",
    [
        "model_version: {field: version}",
        "windows: [5m, 35d]",
        "pane: 10s",
        "lateness: 0s",
        "timezone: America/New_York",
        "privacy: strict",
        "detection: {smallest_effect: 0.1 sd}",
        "detection: {thresholds: [{score: volume, of: model, below: 5, window: 1h}]}",
    ],
)
def test_documented_forms_are_understood(tmp_path: Path, part: str) -> None:
    assert with_lines(tmp_path, part).name == "hotel"


def test_labels_may_know_an_entity_or_only_positives(tmp_path: Path) -> None:
    text = CONTRACT.read_text("utf-8").replace(
        "join_rows: 1000000}", "match: {entity: guest, take: last_before}, for: positives}"
    )
    label = load_text(tmp_path, text).monitors[0].label
    assert label is not None
    assert (label.match_entity, label.positives_only) == (("guest",), True)


@pytest.mark.parametrize(
    ("written", "text"),
    [("1", "1"), ("1.0", "1"), ("'1.10'", "1.10"), ("1.10", "1.1"), ("No", "No")],
)
def test_a_class_is_named_as_events_name_it(tmp_path: Path, written: str, text: str) -> None:
    config = CONTRACT.read_text("utf-8").replace("positive: 1}", f"positive: {written}}}")
    prediction = load_text(tmp_path, config).monitors[0].prediction
    assert prediction is not None
    assert prediction.positive == text


def test_words_that_yaml_takes_for_other_things_are_texts(tmp_path: Path) -> None:
    text = MINIMAL.replace("{price: number}", "{on: number, no: category, 1e3: number, 12: number}")
    names = [feature.name for feature in load_text(tmp_path, text).monitors[0].features]
    assert names == ["on", "no", "1e3", "12"]


def test_what_is_empty_counts_as_left_out(tmp_path: Path) -> None:
    settings = load_text(
        tmp_path, MINIMAL + "    prediction:\n    windows: ~\nchannels:\nhttp: null\n"
    )
    assert settings.monitors[0].prediction is None
    assert len(settings.monitors[0].windows) == 2
    assert settings.channels == ()


def test_a_monitor_may_be_merged_from_another(tmp_path: Path) -> None:
    text = MINIMAL.replace("  hotel:", "  hotel: &hotel")
    text += "  flights:\n    <<: *hotel\n    reference: f.json\n"
    hotel, flights = load_text(tmp_path, text).monitors
    assert flights == replace(
        hotel,
        name="flights",
        reference=tmp_path / "f.json",
        samples=replace(hotel.samples, key=b"flights"),
    )


@pytest.mark.parametrize(
    "key", ["model_version", "pane", "windows", "lateness", "timezone", "samples", "privacy"]
)
def test_a_monitor_does_without_its_optional_keys(tmp_path: Path, key: str) -> None:
    data = yaml.safe_load(CONTRACT.read_text("utf-8"))
    del data["monitors"]["hotel-cancellation"][key]
    assert load_text(tmp_path, yaml.safe_dump(data)).monitors[0].pane_ms == 300_000
