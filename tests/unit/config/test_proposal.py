"""What a look at some events suggests, and that it always loads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from stream_drift.config.keys import config_schema
from stream_drift.config.load import load_settings
from stream_drift.config.proposal.proposal import Proposal, propose
from stream_drift.config.proposal.text import Header, config_text
from stream_drift.config.proposal.volume import Volume, volume_of

DAY_MS = 86_400_000
HEADER = Header("a test", "./s.json", "localhost:9092", "bookings", "hotel", labels_come_too=False)


def looked_at(*values: Any, name: str = "x", texts_only: bool = False) -> tuple[str | None, str]:
    """What becomes of a field with these values, and why."""
    found = propose([{name: value} for value in values], texts_only=texts_only)
    (verdict,) = found.features
    return verdict.kind, verdict.reason


def roles_of(events: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Role to field."""
    found = propose(events, texts_only=False)
    return {role: choice.column.name for role, choice in found.roles.items()}


@pytest.mark.parametrize(
    ("values", "kind", "reason"),
    [
        ((1.5, 2, None), "number", "2 of 3 values are numbers, 1.5 to 2"),
        ((7, 411, 0), "number", "all 3 values are whole numbers, 0 to 411"),
        ((5, 5), "number", "all 2 values are 5"),
        ((0, 1, 1), "category", "only 0 and 1; 1 67%, 0 33%"),
        ((True, False, True), "category", "true or false; true 67%, false 33%"),
        (("PRT", "GBR", "PRT"), "category", "2 different values; PRT 67%, GBR 33%"),
        (("PRT",) * 200 + ("GBR",), "category", "2 different values; PRT 100%, GBR <1%"),
        (("x",), "category", "always x"),
        ((9.0, "UNK"), "category", "1 of 2 values are numbers; 2 different values; 9 50%, UNK 50%"),
        (
            ("1", "2.5"),
            "category",
            "2 different values; 1 50%, 2.5 50%; "
            "to watch it as a number, write it without quotes in the events",
        ),
        ((None, None), None, "it never has a value"),
        (([1], [2]), None, "lists are not watched"),
        (("y" * 300,), None, "texts of up to 300 characters"),
        (
            tuple(f"name {i}" for i in range(12)) * 2,
            "category",
            "12 different values; name 0 8%, name 1 8%, name 2 8%",
        ),
    ],
)
def test_the_type_of_a_field_follows_from_its_values(
    values: tuple[Any, ...], kind: str | None, reason: str
) -> None:
    assert looked_at(*values) == (kind, reason)


def test_texts_of_a_file_that_knows_only_texts_may_be_numbers() -> None:
    values = ("1", "-2.5", "1e3", "nan", None)
    reason = "3 of 5 values are numbers, -2.5 to 1000"
    assert looked_at(*values, texts_only=True) == ("number", reason)
    assert looked_at("1", "01", "x", texts_only=True)[0] == "category"


def test_names_tell_codes_and_ids_from_numbers() -> None:
    codes = tuple(range(1, 8)) * 9
    assert looked_at(*codes, name="day") == (
        "category",
        "7 whole numbers, and by its name they are codes",
    )
    assert looked_at(*codes, name="nights")[0] == "number"
    events = [{"id": f"a{i}", "guest_id": f"b{i}", "n": i % 5} for i in range(50)]
    kinds = {v.name: (v.kind, v.reason) for v in propose(events, texts_only=False).features}
    assert roles_of(events) == {"event_id": "id"}
    assert kinds["guest_id"] == (None, "an id: every event has a value of its own")


def test_categories_with_too_many_values_are_left_out_with_the_reason() -> None:
    texts = [f"text {i % 60}" for i in range(100)]
    assert looked_at(*texts) == (
        None,
        "60 different values in 100 events are too many for a category",
    )


def test_a_number_that_a_broken_feed_spoiled_for_a_while_is_still_a_number() -> None:
    values = [*(i * 1.5 for i in range(90)), *["n/a"] * 10]
    reason = "90 of 100 values are numbers, 0 to 133.5; the others count as invalid"
    assert looked_at(*values) == ("number", reason)


def test_nested_objects_are_dotted_paths() -> None:
    events = [{"price": {"adr": 1.5, "tax": {"city": 2.5}}, "odd": {"a.b": 1}, "flat.key": 3}]
    found = {v.name: v.kind for v in propose(events, texts_only=False).features}
    assert found == {
        "price.adr": "number",
        "price.tax.city": "number",
        "odd.a.b": None,
        "flat.key": "number",
    }


def test_of_a_flat_and_a_nested_field_of_one_path_the_flat_one_is_watched() -> None:
    found = propose([{"a": {"b": 1.5}, "a.b": 2.5}], texts_only=False)
    assert [(v.kind, v.reason) for v in found.features] == [
        (None, "a flat field has the same dotted path, and that one is read"),
        ("number", "all 1 values are 2.5"),
    ]


def test_reserved_names_become_others_with_a_path() -> None:
    events = [{"score": 300 + i, "score_": 7} for i in range(5)]
    found = propose(events, texts_only=False)
    assert [(v.name, v.path) for v in found.features] == [
        ("score__", "score"),
        ("score_", "score_"),
    ]
    assert "      score__: {type: number, path: score}" in config_text(found, HEADER)


@pytest.mark.parametrize(
    ("events", "roles"),
    [
        ([{"ts": 1_700_000_000 + i} for i in range(3)], {"time": "ts"}),
        ([{"createdAt": 1_700_000_000_123 + i} for i in range(3)], {"time": "createdAt"}),
        ([{"phone": 1_700_000_000 + i} for i in range(3)], {}),
        ([{"born": "1990-05-01"}, {"born": None}], {}),
        ([{"a": "2026-01-31T12:00:00Z", "event_time": "2026-01-31"}], {"time": "event_time"}),
        ([{"when": "1899-01-01"}], {}),
        ([{"y_pred": 1, "y_pred_proba": 0.5}], {"prediction": "y_pred", "score": "y_pred_proba"}),
        ([{"m": {"prediction": "a", "confidence": 0.9}}],
         {"prediction": "m.prediction", "score": "m.confidence"}),
        ([{"credit_score": 700}], {}),
        ([{"is_canceled": 1}], {"label": "is_canceled"}),
        ([{"y_true": "a"}], {"label": "y_true"}),
        ([{"id": i} for i in range(30)], {"event_id": "id"}),
        ([{"id": f"{i}"} for i in range(30)], {"event_id": "id"}),
        ([{"nights": i} for i in range(30)], {}),
        ([{"id": i // 2} for i in range(30)], {}),
    ],
)  # fmt: skip
def test_roles_are_found_by_name_and_values(
    events: list[dict[str, Any]], roles: dict[str, str]
) -> None:
    assert roles_of(events) == roles


def test_other_fields_that_would_do_are_named_beside_the_choice() -> None:
    events = [{"booking_id": f"b{i}", "trace_id": f"t{i}"} for i in range(30)]
    text = config_text(propose([event | {"n": 1.5} for event in events], texts_only=False), HEADER)
    assert "# a value of its own in every event; so may be trace_id" in text


@pytest.mark.parametrize(
    ("values", "scores", "task", "positive"),
    [
        ([0, 1, 1], None, "binary", ("1", "by its name")),
        (["bad", "ok", "ok"], [0.9, 0, 0.2], "binary", ("bad", "the class with the higher scores")),
        (["bad", "good", "good"], None, "binary", ("bad", "the rarer of the two")),
        (["a", "b", "c"], None, "multiclass", None),
        ([1.5, 2.25, 0.1], None, "regression", None),
        (list(range(30)), None, "regression", None),
        ([None], [0.5], "binary", None),
    ],
)  # fmt: skip
def test_the_task_follows_from_the_predictions(
    values: list[Any],
    scores: list[float] | None,
    task: str,
    positive: tuple[str, str] | None,
) -> None:
    events = [{"prediction": value} for value in values]
    for event, score in zip(events, scores or (), strict=False):
        event["score"] = score
    found = propose(events, texts_only=False)
    assert (found.task, found.positive) == (task, positive)


def volume(n_events: int, every_ms: int) -> Volume:
    found = volume_of([1_700_000_000_000 + i * every_ms for i in range(n_events)])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("every_ms", "pane_ms", "windows", "one_in", "no_data_for_ms"),
    [
        (10, 300_000, ("1h", "1d"), 16, 300_000),
        (200, 300_000, ("1h", "1d"), 1, 300_000),
        (5_000, 900_000, ("1h", "1d"), 1, 900_000),
        (30_000, 3_600_000, ("1d", "7d"), 1, 3_600_000),
        (120_000, 6 * 3_600_000, ("7d", "28d"), 1, 6 * 3_600_000),
        (1_800_000, DAY_MS, ("7d", "28d"), 1, DAY_MS),
        (DAY_MS, DAY_MS, ("7d", "28d"), 1, 5 * DAY_MS),
    ],
)
def test_panes_windows_and_samples_follow_from_the_volume(
    every_ms: int, pane_ms: int, windows: tuple[str, ...], one_in: int, no_data_for_ms: int
) -> None:
    found = volume(100, every_ms)
    assert (found.pane_ms, found.windows) == (pane_ms, windows)
    assert (found.sampled_one_in, found.no_data_for_ms) == (one_in, no_data_for_ms)


def test_silence_is_five_times_the_longest_gap() -> None:
    times = [i * 1_000 for i in range(1_000)] + [1_600_000]
    found = volume_of(times)
    assert found is not None
    assert (found.longest_gap_ms, found.no_data_for_ms) == (601_000, 51 * 60_000)


def test_few_events_tell_nothing_about_the_volume() -> None:
    assert volume_of(range(19)) is None
    assert volume_of([5] * 100) is None


def written(proposal: Proposal, file: Path, header: Header = HEADER) -> str:
    text = config_text(proposal, header)
    file.write_text(text, "utf-8")
    return text


def test_every_choice_stands_beside_its_reason(tmp_path: Path) -> None:
    events = [
        {"id": f"b{i}", "at": f"2026-01-31T12:{i:02}:00", "lead": i * 1.5, "note": f"n{i}"}
        for i in range(60)
    ]
    text = written(propose(events, texts_only=False), tmp_path / "c.yaml")
    assert text.splitlines()[0] == "# yaml-language-server: $schema=./s.json"
    lines = [line.strip() for line in text.splitlines()]
    assert "lead: number                           # all 60 values are numbers, 0 to 88.5" in lines
    assert "# note: left out: 60 different values in 60 events are too many for a category" in lines
    silence = "no_data_for: 6h                        # 5 times the longest gap seen (1m)"
    assert f"{silence}, at least a pane" in lines


@pytest.mark.parametrize("labels_come_too", [True, False])
def test_a_label_is_carried_only_where_the_topic_has_it(
    tmp_path: Path, *, labels_come_too: bool
) -> None:
    header = Header("x", "s", "b", "t", "m", labels_come_too=labels_come_too)
    events = [{"x": 1.5, "prediction": 1, "label": 0}, {"x": 2.5, "prediction": 0, "label": 0}]
    written(propose(events, texts_only=False), tmp_path / "c.yaml", header)
    monitor = load_settings(tmp_path / "c.yaml", {}).monitors[0]
    assert (monitor.label is not None) is labels_come_too
    assert ("label" in monitor.inputs[0].carries) is labels_come_too
    assert [feature.name for feature in monitor.features] == ["x"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("proposal") / "c.yaml"


KEYS = st.text(max_size=8) | st.sampled_from(
    ["id", "ts", "score", "prediction", "label", "no", "*", "${X}", "a: b", "y", "1", "a.b", "#"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2026-01-31", 1_700_000_000, "${HOME}", "'\"", "\x07", "17.0"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=4,
)


@given(
    events=st.lists(st.dictionaries(KEYS, VALUES, max_size=5), min_size=1, max_size=30),
    texts_only=st.booleans(),
)
def test_whatever_was_looked_at_the_text_loads_without_edits(
    file: Path, events: list[dict[str, Any]], *, texts_only: bool
) -> None:
    proposal = propose(events, texts_only=texts_only)
    if not any(verdict.kind for verdict in proposal.features) and proposal.task is None:
        return
    text = written(proposal, file)
    monitor = load_settings(file, {}).monitors[0]
    kept = [verdict for verdict in proposal.features if verdict.kind]
    assert [(f.name, f.kind) for f in monitor.features] == [(v.name, v.kind) for v in kept]
    assert [".".join(f.path) for f in monitor.features] == [v.path for v in kept]
    assert not list(Draft202012Validator(config_schema()).iter_errors(yaml.safe_load(text)))


def test_a_few_bad_records_take_neither_time_nor_id_nor_a_feature() -> None:
    events: list[dict[str, Any]] = [
        {"id": f"a{i}", "at": 1_767_571_200 + 60 * i, "amount": i + 0.5} for i in range(100)
    ]
    events[7] = {"id": "a6", "at": "yesterday", "amount": "much"}
    events[9] = {"at": None}
    proposal = propose(events, texts_only=False)
    roles = {role: choice.column.name for role, choice in proposal.roles.items()}
    assert roles == {"event_id": "id", "time": "at"}
    assert proposal.roles["event_id"].reason == "a value of its own in 98 of 100 events"
    assert proposal.roles["time"].reason == "a plausible time in 98 of 100 events"
    assert [(v.name, v.kind) for v in proposal.features] == [("amount", "number")]
