"""Writes the files beside it: made events, and what ``replay`` says about them today.

Run it from the root of the repository when a change of the output is meant, and read the diff:
``python -m tests.golden.replay.make_golden``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from stream_drift.cli.main import main

HERE = Path(__file__).parent
PANE_SECONDS = 300
PER_PANE = 24
COLOURS = ("red", "red", "green", "blue")


def events(n_panes: int, drift_from: int) -> Iterator[dict[str, object]]:
    """From some pane on, sizes grow and a new colour comes; a few values are missing."""
    for i in range(n_panes * PER_PANE):
        pane, place = divmod(i, PER_PANE)
        drifted = pane >= drift_from
        size = (i * 7 % 23) / 4 + (3 if drifted else 0)
        yield {
            "id": f"order-{i}",
            "t": 1_790_000_100 + pane * PANE_SECONDS + place * 10,
            "size": None if place == 5 else size,
            "colour": "pink" if drifted and place % 3 == 0 else COLOURS[i % 4],
        }


def replay(folder: Path) -> int:
    """Write ``alerts.jsonl`` and ``scores.jsonl`` into the folder; the exit code."""
    outputs = ("--alerts", folder / "alerts.jsonl", "--scores", folder / "scores.jsonl")
    inputs = ("-c", HERE / "config.yaml", "--events", HERE / "events.jsonl")
    return _run("replay", *inputs, *outputs, "--fail-on-incident")


def _run(*args: object) -> int:
    try:
        main([str(arg) for arg in args])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _write(name: str, n_panes: int, drift_from: int) -> None:
    lines = [json.dumps(event) for event in events(n_panes, drift_from)]
    (HERE / name).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    _write("events.jsonl", 4, 1)
    if not (HERE / "reference.json").exists():  # it holds the time of its making
        _write("reference.jsonl", 20, 20)
        _run("reference", "build", "-c", HERE / "config.yaml", "--from", HERE / "reference.jsonl")
        (HERE / "reference.jsonl").unlink()
    replay(HERE)
