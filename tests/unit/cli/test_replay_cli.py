"""``stream-drift replay`` on made files with known answers, and on hotel bookings."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stream_drift.cli.main import main

HOTEL = Path(__file__).parents[4] / "shared" / "data" / "hotel_bookings"

T0 = datetime(2026, 3, 1, tzinfo=UTC)
CONFIG = """
monitors:
  shop:
    reference: shop.json
    pane: 5m
    windows: [1h]
    inputs:
      - {topic: orders, carries: [features], time: t}
    features: {size: number, colour: category}
    detection:
      false_incidents_per_30d: 0.000001
      thresholds: [{score: missing, of: size, above: 0.5, window: pane, for: 2}]
"""
# The budget is so small that the threshold alone opens incidents.
TWO_INPUTS = CONFIG.replace(
    "    features:", "      - {topic: answers, carries: [prediction], time: at}\n    features:"
).replace("    detection:", "    prediction: {value: y, task: binary, positive: 1}\n    detection:")


class Shop:
    """A folder with a configuration and a reference, and the program run in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], config: str) -> None:
        self.folder = folder
        self._capsys = capsys
        self.err = ""
        (folder / "config.yaml").write_text(config)

    def run(self, command: str, *args: object, code: int = 0) -> str:
        """What the command says on stdout, or on stderr where it is used wrongly."""
        options = ["-c", self.folder / "config.yaml", *args]
        with pytest.raises(SystemExit) as left:
            main([*command.split(), *map(str, options)])
        out, self.err = self._capsys.readouterr()
        assert left.value.code == code, self.err
        return self.err if code == 2 else out

    def file(self, name: str, rows: Iterable[object]) -> Path:
        texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (self.folder / name).write_text("".join(text + "\n" for text in texts))
        return self.folder / name

    def replay(self, *args: object, code: int = 0) -> dict[str, Any]:
        """The last word of a replay as JSON."""
        word: dict[str, Any] = json.loads(self.run("replay", *args, "--output", "json", code=code))
        return word

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]


def order(minute: float, size: float | None = 1.0) -> dict[str, Any]:
    at = (T0 + timedelta(minutes=minute)).isoformat()
    return {"t": at, "at": at, "size": size, "colour": "red", "y": 1}


def reference_rows() -> list[dict[str, Any]]:
    return [order(i, size=float(i % 10)) for i in range(200)]


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    shop = Shop(tmp_path, capsys, CONFIG)
    shop.run("reference build", "--from", shop.file("reference.jsonl", reference_rows()))
    return shop


@pytest.fixture
def two_inputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    shop = Shop(tmp_path, capsys, TWO_INPUTS)
    shop.run("reference build", "--from", shop.file("reference.jsonl", reference_rows()))
    return shop


def drifting(shop: Shop) -> Path:
    """An hour, an event a minute; sizes are missing from 30 to 44 min."""
    rows = [order(minute, None if 30 <= minute < 45 else 1.0) for minute in range(60)]
    return shop.file("drifting.jsonl", rows)


# The last word -----------------------------------------------------------------------------------


def test_last_word_accounts_for_every_record(shop: Shop) -> None:
    rows = [order(0), "{", order(1), [], {"size": 1}, order(7)]
    word = shop.replay("--events", shop.file("a.jsonl", rows))
    baseline = word["monitors"]["shop"].pop("baseline")
    assert baseline["state"] == "learning"
    assert "events in 0 of 60 hours" in baseline["reasons"]
    assert baseline["expected_delay_seconds"].keys() == {"0.1 sd", "0.25 sd"}
    assert word["monitors"] == {
        "shop": {
            "events": 3,
            "rejected": {"decode": 1, "no_time": 1, "not_object": 1},
            "late": 0,
            "panes": 2,
            "incidents": 0,
            "state": "learning",
        }
    }
    assert word["seconds"] > 0
    assert word["events_per_second"] == pytest.approx(3 / word["seconds"], rel=0.1, abs=100)
    assert shop.err == ""


def test_people_get_a_table(shop: Shop) -> None:
    said = shop.run("replay", "--events", shop.file("a.jsonl", [order(0), "{"]))
    assert "shop" in said
    assert "decode 1" in said
    assert "1 events in " in said


def test_late_events_are_events_too(shop: Shop) -> None:
    path = shop.file("a.jsonl", [order(0), order(60), order(1), order(61)])
    in_order = shop.replay("--events", path, "--in-order")["monitors"]["shop"]
    assert (in_order["events"], in_order["late"], in_order["panes"]) == (4, 1, 2)
    by_time = shop.replay("--events", path)["monitors"]["shop"]
    assert (by_time["events"], by_time["late"], by_time["panes"]) == (4, 0, 2)


# What it writes ----------------------------------------------------------------------------------


def test_incident_is_written_as_cloud_events(shop: Shop) -> None:
    word = shop.replay("--events", drifting(shop), "--alerts", shop.folder / "alerts.jsonl")
    assert word["monitors"]["shop"]["incidents"] == 1
    opened, *updates, resolved = shop.lines("alerts.jsonl")
    assert opened["specversion"] == "1.0"
    assert opened["type"] == "io.streamdrift.incident.opened.v1"
    assert opened["source"] == "/streamdrift/streamdrift/monitors/shop"
    ids = [alert["id"] for alert in (opened, *updates, resolved)]
    assert ids == [f"{opened['subject']}/{i + 1}" for i in range(len(ids))]
    assert opened["time"] == opened["data"]["detected_at"] == "2026-03-01T00:40:00Z"
    assert resolved["time"] == resolved["data"]["detected_at"] == "2026-03-01T00:55:00Z"
    assert [feature["name"] for feature in opened["data"]["features"]] == ["size"]


def test_incident_is_the_same_whether_scores_are_wanted_or_not(shop: Shop) -> None:
    path = drifting(shop)
    shop.replay("--events", path, "--alerts", shop.folder / "a.jsonl")
    shop.replay(
        "--events", path, "--alerts", shop.folder / "b.jsonl", "--scores", shop.folder / "s.jsonl"
    )
    assert shop.lines("a.jsonl") == shop.lines("b.jsonl")


def test_same_input_gives_the_same_bytes(shop: Shop) -> None:
    path = drifting(shop)
    for name in ("1", "2"):
        alerts, scores = shop.folder / f"a{name}", shop.folder / f"s{name}"
        shop.replay("--events", path, "--alerts", alerts, "--scores", scores)
    for kind in ("a", "s"):
        first = (shop.folder / f"{kind}1").read_bytes()
        assert first
        assert first == (shop.folder / f"{kind}2").read_bytes()


def test_order_of_the_file_does_not_matter(shop: Shop) -> None:
    path = drifting(shop)
    backwards = shop.file("backwards.jsonl", reversed(path.read_text().splitlines()))
    for source, name in ((path, "a"), (backwards, "b")):
        shop.replay("--events", source, "--scores", shop.folder / name)
    assert (shop.folder / "a").read_bytes() == (shop.folder / "b").read_bytes()


def test_missing_share_of_every_pane_is_known(shop: Shop) -> None:
    shop.replay("--events", drifting(shop), "--scores", shop.folder / "s.jsonl")
    shares = [
        line["value"]
        for line in shop.lines("s.jsonl")
        if (line["window"], line["feature"], line["score"]) == ("pane", "size", "missing")
    ]
    assert shares == [0] * 6 + [1] * 3 + [0] * 3


def test_csv_and_parquet_give_the_same_scores(shop: Shop) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = [json.loads(line) for line in drifting(shop).read_text().splitlines()]
    with (shop.folder / "a.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    pq.write_table(pa.Table.from_pylist(rows), shop.folder / "a.parquet")
    for name in ("drifting.jsonl", "a.csv", "a.parquet"):
        shop.replay("--events", shop.folder / name, "--scores", shop.folder / f"{name}.scores")
    scores = (shop.folder / "drifting.jsonl.scores").read_bytes()
    assert (shop.folder / "a.csv.scores").read_bytes() == scores
    assert (shop.folder / "a.parquet.scores").read_bytes() == scores


# Exit codes and wrong usage ----------------------------------------------------------------------


def test_incident_can_fail_the_command(shop: Shop) -> None:
    quiet = shop.file("quiet.jsonl", [order(minute) for minute in range(30)])
    assert shop.replay("--events", quiet, "--fail-on-incident")["monitors"]["shop"]["panes"] == 6
    word = shop.replay("--events", drifting(shop), "--fail-on-incident", code=3)
    assert word["monitors"]["shop"]["incidents"] == 1


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([], "--events"),
        (["missing.jsonl"], "missing.jsonl: No such file"),
        (["other=a.jsonl"], "no input reads topic 'other'; there is 'orders'"),
        (["a.jsonl", "orders=a.jsonl"], "two files for topic 'orders'"),
    ],
)
def test_wrong_usage_says_what_to_do(shop: Shop, events: list[str], message: str) -> None:
    options = [option for event in events for option in ("--events", event)]
    assert message in shop.run("replay", *options, code=2)


def test_input_without_time_cannot_be_replayed(shop: Shop) -> None:
    config = shop.folder / "config.yaml"
    config.write_text(config.read_text().replace(", time: t}", "}"))
    said = shop.run("replay", "--events", drifting(shop), code=2)
    assert "input 'orders' of monitor 'shop' has no `time`" in said


def test_reference_must_be_there(shop: Shop) -> None:
    (shop.folder / "shop.json").unlink()
    said = shop.run("replay", "--events", drifting(shop), code=2)
    assert "shop.json: no such file" in said


def test_output_that_cannot_be_written_is_named(shop: Shop) -> None:
    scores = shop.folder / "no" / "such" / "folder"
    said = shop.run("replay", "--events", drifting(shop), "--scores", scores, code=2)
    assert f"{scores}: cannot be written" in said


# Several inputs and monitors ---------------------------------------------------------------------


def test_every_input_has_its_file(two_inputs: Shop) -> None:
    shop = two_inputs
    orders = shop.file("o.jsonl", [order(minute) for minute in range(20)])
    answers = shop.file("a.jsonl", [order(minute + 0.5) for minute in range(10)])
    word = shop.replay("--events", orders, "--events", f"answers={answers}")
    assert word["monitors"]["shop"]["events"] == 30
    assert word["monitors"]["shop"]["panes"] == 4
    said = shop.run("replay", "--events", orders, code=2)
    assert "monitor 'shop' reads topic 'answers': give its events too" in said


def test_labels_that_are_not_given_are_missed_aloud(two_inputs: Shop) -> None:
    shop = two_inputs
    late = "      - {topic: outcomes, carries: [label], time: t, event_id: at}\n    features:"
    joined = TWO_INPUTS.replace("    features:", late).replace(
        "time: at}", "time: at, event_id: at}"
    )
    label = "    label: {value: paid}\n    samples: {rate: 1}\n    detection:"
    (shop.folder / "config.yaml").write_text(joined.replace("    detection:", label))
    orders = shop.file("o.jsonl", [order(minute) for minute in range(20)])
    shop.replay("--events", orders, "--events", f"answers={orders}")
    assert shop.err.endswith("nothing about performance: --events outcomes=FILE gives them\n")


def test_file_of_labels_may_be_given(shop: Shop) -> None:
    labels = CONFIG.replace(
        "    features:", "      - {topic: outcomes, carries: [label], time: t}\n    features:"
    ).replace("    detection:", "    label: {value: paid}\n    detection:")
    labels = labels.replace("time: t}", "time: t, event_id: id}")
    (shop.folder / "config.yaml").write_text(labels)
    path = drifting(shop)
    word = shop.replay("--events", path, "--events", f"outcomes={path}")
    assert word["monitors"]["shop"]["events"] == 60
    assert shop.err == "topic 'outcomes' carries labels only: its file is not read\n"
    assert shop.replay("--events", path)["monitors"] == word["monitors"]


def test_all_monitors_run(shop: Shop) -> None:
    config = shop.folder / "config.yaml"
    second = CONFIG.replace("monitors:\n", "").replace("shop:", "shoe:").replace("5m", "10m")
    config.write_text(CONFIG + second)
    word = shop.replay("--events", drifting(shop), "--scores", shop.folder / "s.jsonl")
    assert {name: found["panes"] for name, found in word["monitors"].items()} == {
        "shop": 12,
        "shoe": 6,
    }
    assert {line["monitor"] for line in shop.lines("s.jsonl")} == {"shop", "shoe"}


# Hotel bookings ----------------------------------------------------------------------------------

HOTEL_CONFIG = """
monitors:
  hotel:
    reference: hotel.json
    pane: 6h
    windows: [1d]
    inputs:
      - {topic: bookings, carries: [features, prediction], event_id: customer_id, time: booked_at}
    features:
      lead_time: number
      adr: number
      country: category
      customer_type: category
    prediction: {value: y_pred, score: y_pred_proba, task: binary, positive: 1}
    detection: {learning: none}
"""


def bookings() -> list[dict[str, str]]:
    """The rows of production with ``booked_at``: spread over their day by their order."""
    with gzip.open(HOTEL / "production.csv.gz", "rt", newline="") as stream:
        rows = list(csv.DictReader(stream))
    per_day = Counter(row["timestamp"] for row in rows)
    seen: Counter[str] = Counter()
    for row in rows:
        day = row["timestamp"]
        seconds = 86_400 * seen[day] // per_day[day]
        at = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(seconds=seconds)
        row["booked_at"] = at.isoformat()
        seen[day] += 1
    return rows


def pane_of(row: dict[str, str]) -> str:
    """The start of its six hours, as score lines write it."""
    at = datetime.fromisoformat(row["booked_at"])
    return f"{at.replace(hour=at.hour // 6 * 6):%Y-%m-%dT%H}:00:00Z"


@pytest.mark.skipif(not HOTEL.exists(), reason=f"hotel bookings are not at {HOTEL}")
def test_panes_of_hotel_bookings_equal_an_independent_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = Shop(tmp_path, capsys, HOTEL_CONFIG)
    shop.run("reference build", "--from", HOTEL / "reference.csv.gz")
    rows = bookings()
    with (tmp_path / "bookings.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    word = shop.replay("--events", tmp_path / "bookings.csv", "--scores", tmp_path / "s.jsonl")
    per_pane = Counter(map(pane_of, rows))
    lines = [line for line in shop.lines("s.jsonl") if line["window"] == "pane"]
    volumes = {line["pane_start"]: line["n"] for line in lines if line["score"] == "volume"}
    assert volumes == per_pane
    assert (word["monitors"]["hotel"]["events"], word["monitors"]["hotel"]["late"]) == (14_671, 0)
    with gzip.open(HOTEL / "reference.csv.gz", "rt", newline="") as stream:
        known = {row["country"] for row in csv.DictReader(stream)}
    unknown = Counter(pane_of(row) for row in rows if row["country"] not in known)
    shares = {
        line["pane_start"]: line["value"]
        for line in lines
        if (line["feature"], line["score"]) == ("country", "new")
    }
    assert shares == {
        pane: pytest.approx(unknown[pane] / n, rel=1e-5) for pane, n in per_pane.items()
    }
