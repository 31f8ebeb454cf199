"""``stream-drift init``."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from confluent_kafka import Producer
from jsonschema import Draft202012Validator

from stream_drift.config.load import load_settings
from stream_drift.kafka.embedded import EmbeddedBroker
from tests.unit.cli.running import Shell

DATA = Path(__file__).parents[4] / "shared" / "data"
ROWS = [{"id": f"b{i}", "at": 1_700_000_000 + i, "lead": i * 1.5} for i in range(60)]


def write_rows(shell: Shell, name: str = "bookings.jsonl") -> Path:
    file = shell.folder / name
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return file


def data_file(*parts: str) -> Path:
    file = DATA.joinpath(*parts)
    if not file.exists():
        pytest.skip(f"{file.name}: the shared data folder is not beside the repository")
    return file


def test_a_file_becomes_a_configuration_that_loads(shell: Shell) -> None:
    write_rows(shell)
    code, out, err = shell.run("init", "--from", "bookings.jsonl")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "stream-drift.yaml: from 60 events; features: 1 number, 0 category; fields left out: 0",
        "next: read it, then build the reference from what the model was accepted on:",
        "      stream-drift reference build -c stream-drift.yaml --from VALIDATION_FILE",
        "      stream-drift check -c stream-drift.yaml",
    ]
    monitor = load_settings(shell.folder / "stream-drift.yaml", {}).monitors[0]
    assert (monitor.name, monitor.inputs[0].topic) == ("bookings", "bookings")
    assert (monitor.inputs[0].event_id, monitor.inputs[0].time) == (("id",), ("at",))
    assert shell.run("check")[0] == 0


def test_nothing_but_the_configuration_is_written(shell: Shell) -> None:
    write_rows(shell)
    shell.run("init", "--from", "bookings.jsonl", "--out", "conf/drift.yaml")
    assert [file.name for file in (shell.folder / "conf").iterdir()] == ["drift.yaml"]
    assert "schema" not in (shell.folder / "conf" / "drift.yaml").read_text()


def test_editors_find_the_schema_beside_the_file_if_asked_for(shell: Shell) -> None:
    write_rows(shell)
    shell.run("init", "--from", "bookings.jsonl", "--out", "conf/drift.yaml", "--schema")
    text = (shell.folder / "conf" / "drift.yaml").read_text()
    first = text.splitlines()[0]
    assert first == "# yaml-language-server: $schema=./drift.schema.json"
    schema = json.loads((shell.folder / "conf" / "drift.schema.json").read_text())
    assert not list(Draft202012Validator(schema).iter_errors(yaml.safe_load(text)))


def test_names_may_be_given(shell: Shell) -> None:
    write_rows(shell)
    args = ("--topic", "hotel.bookings", "--bootstrap", "b:1", "--monitor", "hotel")
    shell.run("init", "--from", "bookings.jsonl", *args)
    settings = load_settings(shell.folder / "stream-drift.yaml", {})
    assert settings.kafka == {"bootstrap.servers": "b:1"}
    elsewhere = load_settings(shell.folder / "stream-drift.yaml", {"KAFKA_BROKERS": "c:2"})
    assert elsewhere.kafka == {"bootstrap.servers": "c:2"}
    assert settings.monitors[0].name == "hotel"
    assert settings.monitors[0].inputs[0].topic == "hotel.bookings"


def test_an_odd_file_name_becomes_a_name(shell: Shell) -> None:
    write_rows(shell, "my hotel's (bookings).JSONL")
    shell.run("init", "--from", "my hotel's (bookings).JSONL")
    assert load_settings(shell.folder / "stream-drift.yaml", {}).monitors[0].name == (
        "my-hotel-s-bookings"
    )


def test_nothing_is_replaced_unless_asked(shell: Shell) -> None:
    write_rows(shell)
    target = shell.folder / "stream-drift.yaml"
    target.write_text("mine")
    code, _, err = shell.run("init", "--from", "bookings.jsonl")
    assert (code, target.read_text()) == (2, "mine")
    assert err == (
        "stream-drift.yaml is there already: give another --out, or --force to replace it\n"
    )
    assert shell.run("init", "--from", "bookings.jsonl", "--force")[0] == 0
    assert target.read_text() != "mine"


def test_something_to_look_at_is_needed(shell: Shell) -> None:
    code, _, err = shell.run("init")
    assert (code, err) == (2, "say what to look at: --from FILE or --topic TOPIC\n")
    assert shell.run("init", "--from", "absent.csv")[0] == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "e.jsonl: there are no events in it\n"),
        ("17\nnot json\n", "e.jsonl: there are no events in it\n"),
        (
            '{"tags": [1]}\n{}\n',
            "there is nothing to watch in these events: no field is a number or a category\n",
        ),
    ],
)
def test_a_file_without_anything_to_watch_is_told_so(
    shell: Shell, content: str, message: str
) -> None:
    (shell.folder / "e.jsonl").write_text(content)
    assert shell.run("init", "--from", "e.jsonl") == (2, "", message)
    assert not (shell.folder / "stream-drift.yaml").exists()


@pytest.fixture
def embedded() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        yield broker


def fill(broker: EmbeddedBroker, payloads: list[bytes]) -> None:
    """Write the records to the topic ``bookings``."""
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    for payload in payloads:
        producer.produce("bookings", payload)
    assert producer.flush(10) == 0


def test_a_topic_becomes_a_configuration_with_its_label(
    shell: Shell, embedded: EmbeddedBroker
) -> None:
    good = [json.dumps({**row, "prediction": i % 2, "label": 1}) for i, row in enumerate(ROWS)]
    fill(embedded, [b"\xff", b"[1]", *(text.encode() for text in good)])
    args = ("--topic", "bookings", "--bootstrap", embedded.bootstrap)
    code, out, err = shell.run("init", *args)
    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith("stream-drift.yaml: from 60 events;")
    settings = load_settings(shell.folder / "stream-drift.yaml", {})
    assert settings.kafka == {"bootstrap.servers": embedded.bootstrap}
    assert settings.monitors[0].inputs[0].carries == {"features", "prediction", "label"}


def test_a_topic_without_objects_is_told_so(shell: Shell, embedded: EmbeddedBroker) -> None:
    fill(embedded, [b"17", b"{"])
    args = ("--topic", "bookings", "--bootstrap", embedded.bootstrap)
    code, _, err = shell.run("init", *args)
    assert (code, err) == (2, "topic bookings: none of its last 2 records is a JSON object\n")


def test_hotel_bookings_are_understood(shell: Shell) -> None:
    source = data_file("hotel_bookings", "reference.csv.gz")
    code, out, _ = shell.run("init", "--from", source, "--topic", "hotel.bookings")
    assert (code, out.splitlines()[0]) == (
        0,
        "stream-drift.yaml: from 16,913 events; features: 13 number, 12 category; "
        "fields left out: 0",
    )
    text = (shell.folder / "stream-drift.yaml").read_text()
    monitor = load_settings(shell.folder / "stream-drift.yaml", {}).monitors[0]
    prediction, (source_input,) = monitor.prediction, monitor.inputs
    assert prediction is not None
    assert (prediction.value, prediction.score) == (("y_pred",), ("y_pred_proba",))
    assert (prediction.task, prediction.positive) == ("binary", "1")
    assert (source_input.event_id, source_input.time) == (("customer_id",), ("timestamp",))
    assert "is_canceled looks like the label" in text
    assert monitor.pane_ms == 86_400_000
    kinds = {feature.name: feature.kind for feature in monitor.features}
    assert kinds["lead_time"] == "number"
    assert {kinds[name] for name in ("country", "agent", "company")} == {"category"}


def test_electricity_is_understood(shell: Shell) -> None:
    source = data_file("electricity", "electricity.csv.gz")
    plain = shell.folder / "elec.csv"
    plain.write_bytes(gzip.decompress(source.read_bytes()))
    assert shell.run("init", "--from", plain)[0] == 0
    monitor = load_settings(shell.folder / "stream-drift.yaml", {}).monitors[0]
    kinds = {feature.name: feature.kind for feature in monitor.features}
    assert kinds.pop("day") == "category"
    assert set(kinds.values()) == {"number"}
    assert len(kinds) == 7
