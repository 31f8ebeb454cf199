"""The tables of docs/backtest.md: what each policy costs on a made and on a real history.

The real one needs ``../shared/data/electricity``; without it only the made one is shown.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.electricity import FILE, Rows
from benchmarks.electricity import read as read_electricity

Event = Mapping[str, object]
HOUR_MS = 3_600_000
START_MS = 1_767_225_600_000
MADE_DAYS, MADE_PER_HOUR = 30, 200
N_NUMBERS, SEED = 18, 1
SHARES = ((0.5, 0.3, 0.15, 0.05), (0.7, 0.3))
ELECTRICITY_START = datetime(1996, 5, 7, tzinfo=UTC)
LEARNED = 2 / 3
"""The reference holds as much of the history as the baseline learns from."""
COMMAND = "from stream_drift.cli.main import main; main()"
COLUMNS = "160"


@dataclass(frozen=True, slots=True)
class History:
    """A clean stretch, and who watches it."""

    intro: str
    events: Sequence[Event]
    features: Mapping[str, str]
    pane: str
    thresholds: Sequence[str]


def made() -> History:
    """Days that never change: normal and skewed numbers, two categories."""
    rng, n = np.random.default_rng(SEED), MADE_DAYS * 24 * MADE_PER_HOUR
    numbers = rng.normal(size=(n, N_NUMBERS))
    numbers[:, ::3] = np.exp(0.5 * numbers[:, ::3])
    codes = [rng.choice(len(shares), n, p=shares) for shares in SHARES]
    names = [f"x{i:02}" for i in range(N_NUMBERS)]
    events = [
        {"time": START_MS + i * HOUR_MS // MADE_PER_HOUR}
        | dict(zip(names, np.round(numbers[i], 6).tolist(), strict=True))
        | {f"k{j}": f"c{column[i]}" for j, column in enumerate(codes)}
        for i in range(n)
    ]
    kinds = dict.fromkeys(names, "number") | {f"k{j}": "category" for j in range(len(SHARES))}
    limits = ("psi, above: 0.1, window: pane", "psi, above: 0.2, window: 1d")
    return History(
        f"On {MADE_DAYS} made days that never change ({N_NUMBERS} numbers, {len(SHARES)} "
        f"categories, {MADE_PER_HOUR} events an hour, panes of 1 hour) the table reads:",
        events,
        kinds,
        "1h",
        (*limits, "ks, above: 0.05, window: 1d"),
    )


def electricity() -> History:
    """Two years of half-hourly prices and demand, as they were."""
    rows: Rows = read_electricity()
    start = int(ELECTRICITY_START.timestamp() * 1000)
    columns = rows.numbers[:, 1].tolist(), rows.numbers[:, 2].tolist(), rows.classes.tolist()
    events = [
        {"time": start + i * HOUR_MS // 2, "nswprice": price, "nswdemand": demand, "class": up}
        for i, (price, demand, up) in enumerate(zip(*columns, strict=True))
    ]
    return History(
        "On two years of electricity prices and demand (`class`, `nswprice` and `nswdemand` of "
        "the Electricity data set, about 12 events per pane of 6 hours) the table reads:",
        events,
        {"nswprice": "number", "nswdemand": "number", "class": "category"},
        "6h",
        ("psi, above: 0.2, window: 7d", "ks, above: 0.1, window: 7d"),
    )


def config_of(history: History) -> str:
    kinds = ", ".join(f"{name}: {kind}" for name, kind in history.features.items())
    windows = sorted({limit.rsplit(" ", 1)[1] for limit in history.thresholds} - {"pane"})
    thresholds = "".join(
        f"\n        - {{of: '*', score: {limit}, for: 1}}" for limit in history.thresholds
    )
    return f"""\
monitors:
  history:
    reference: reference.json
    pane: {history.pane}
    windows: [{", ".join(windows)}]
    inputs: [{{topic: history, format: json, carries: [features], time: time}}]
    features: {{{kinds}}}
    detection:
      thresholds:{thresholds}
"""


def write_events(path: Path, events: Iterable[Event]) -> None:
    encode = msgspec.json.Encoder().encode
    path.write_bytes(b"".join(encode(event) + b"\n" for event in events))


def table_of(history: History, folder: Path) -> str:
    """What `stream-drift backtest` prints."""
    (folder / "stream-drift.yaml").write_text(config_of(history))
    write_events(folder / "events.jsonl", history.events)
    write_events(folder / "first.jsonl", history.events[: int(LEARNED * len(history.events))])
    stream_drift(folder, "reference", "build", "--from", "first.jsonl")
    said = stream_drift(folder, "backtest", "--events", "events.jsonl")
    return "\n".join(line.rstrip() for line in said.splitlines()).strip("\n")


def stream_drift(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-c", COMMAND, *arguments, "-c", "stream-drift.yaml"]
    root = str(Path(__file__).parents[1])
    environment = {**os.environ, "COLUMNS": COLUMNS, "PYTHONPATH": root}
    found = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return found.stdout


def main() -> None:
    for make in (made, electricity):
        if make is electricity and not FILE.exists():
            print(f"no {FILE.name}: its table is left out", file=sys.stderr)
            continue
        history = make()
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            print(f"\n{history.intro}\n\n```\n{table_of(history, Path(folder))}\n```", flush=True)


if __name__ == "__main__":
    main()
