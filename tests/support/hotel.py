"""Hotel bookings as a stream: rows with event times, a configuration, and an independent count."""

from __future__ import annotations

import csv
import gzip
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

HOTEL = Path(__file__).parents[3] / "shared" / "data" / "hotel_bookings"
ABSENT = f"hotel bookings are not at {HOTEL}"
MONITOR = "hotel-cancellation"
PANE_MS = 6 * 3_600_000

NUMBERS = ("lead_time", "adr", "days_in_waiting_list", "previous_cancellations")
CATEGORIES = ("country", "customer_type", "market_segment", "agent")

CONFIG = """\
name: {name}
kafka: {kafka}
monitors:
  {monitor}:
    reference: hotel.json
    pane: 6h
    windows: [1d, 7d]
    inputs:
      - topic: {topic}
        carries: [features, prediction]
        event_id: customer_id
        time: booked_at
    features: {features}
    prediction: {{value: y_pred, score: y_pred_proba, task: binary, positive: 1}}
    detection:
      learning: none
      thresholds: [{{score: psi, of: '*', above: 0.2, window: 7d, for: 3}}]
      repeat_interval: 2d
http: {{port: 0}}
"""


LABEL = "    label: {value: is_canceled, matures_after: 20d, horizon: 35d}\n"
OUTCOMES = """\
      - topic: {topic}
        carries: [label]
        event_id: customer_id
        time: decided_at
"""


def labelled_config_text(name: str, topic: str, outcomes: str | None, kafka: Any) -> str:
    """With labels in the events themselves, or in a topic of their own."""
    text = config_text(name, topic, kafka).replace("    detection:", LABEL + "    detection:")
    text = text.replace("    pane: 6h", "    pane: 1d\n    samples: {rate: 1}")
    if outcomes is None:
        return text.replace("prediction]", "prediction, label]")
    return text.replace("    features:", OUTCOMES.format(topic=outcomes) + "    features:")


def config_text(name: str, topic: str, kafka: Mapping[str, object]) -> str:
    features = dict.fromkeys(NUMBERS, "number") | dict.fromkeys(CATEGORIES, "category")
    return CONFIG.format(
        name=name,
        topic=topic,
        monitor=MONITOR,
        kafka=json.dumps(dict(kafka)),
        features=json.dumps(features),
    )


def _rows(file: str) -> list[dict[str, str]]:
    with gzip.open(HOTEL / file, "rt", newline="") as stream:
        return list(csv.DictReader(stream))


def reference_lines() -> Iterable[bytes]:
    for row in _rows("reference.csv.gz"):
        yield json.dumps(_event(row)).encode()


def _event(row: Mapping[str, str]) -> dict[str, Any]:
    event: dict[str, Any] = dict(row)
    for name in (*NUMBERS, "y_pred_proba"):
        event[name] = float(row[name])
    return event


def events() -> list[dict[str, Any]]:
    """Production with ``booked_at``: spread over its day by its order in the file."""
    rows = _rows("production.csv.gz")
    per_day = Counter(row["timestamp"] for row in rows)
    seen: Counter[str] = Counter()
    found = []
    for row in rows:
        day = row["timestamp"]
        seconds = 86_400 * seen[day] // per_day[day]
        seen[day] += 1
        at = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(seconds=seconds)
        found.append(_event(row) | {"booked_at": at.isoformat()})
    return found


def labels() -> dict[str, int]:
    """Whether each customer cancelled."""
    return {row["customer_id"]: int(row["is_canceled"]) for row in _rows("labels.csv.gz")}


def outcomes(events: Iterable[Mapping[str, Any]], seed: int = 0) -> list[dict[str, Any]]:
    """The labels of the events as events of their own, 1 to 30 days later, in order of time."""
    known, chance = labels(), np.random.default_rng(seed)
    found = []
    for event in events:
        after = timedelta(days=chance.uniform(1, 30))
        at = (datetime.fromisoformat(event["booked_at"]) + after).isoformat(timespec="milliseconds")
        id_ = event["customer_id"]
        found.append({"customer_id": id_, "is_canceled": known[id_], "decided_at": at})
    return sorted(found, key=lambda outcome: str(outcome["decided_at"]))


def time_ms(event: Mapping[str, Any]) -> int:
    return int(datetime.fromisoformat(event["booked_at"]).timestamp() * 1000)


def independent_counts(
    events: Iterable[Mapping[str, Any]], reference: Mapping[str, Any]
) -> dict[int, dict[str, list[int]]]:
    """Events per pane start, feature and bin, counted one by one with the reference's bins."""
    parts = {part["name"]: part for part in reference["features"]}
    counts: dict[int, dict[str, list[int]]] = {}
    for event in events:
        start = time_ms(event) // PANE_MS * PANE_MS
        pane = counts.setdefault(start, {})
        for name in NUMBERS:
            edges = parts[name]["edges"]
            bins = pane.setdefault(name, [0] * (len(edges) + 1))
            bins[bisect_right(edges, event[name])] += 1
        for name in CATEGORIES:
            part = parts[name]
            bins = pane.setdefault(name, [0] * (len(part["kept"]) + 2))
            bins[_category_bin(event[name].removesuffix(".0"), part)] += 1
    return counts


def _category_bin(text: str, part: Mapping[str, Any]) -> int:
    if text in part["kept"]:
        return int(part["kept"].index(text))
    return len(part["kept"]) + (text not in part["rare"])
