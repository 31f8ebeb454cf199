"""Writes how the first incident on hotel bookings reads, as ``docs/hotel-incident.md``.

Run as ``python -m docs.pictures.hotel_incident`` from the root of the repository; needs the hotel
bookings at ``../shared/data`` (see ``tests/support/hotel.py``).
"""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from stream_drift.cli.main import main
from stream_drift.incidents.alert import AlertData
from stream_drift.incidents.message import message_of
from tests.support import hotel

OUT = Path(__file__).parents[1] / "hotel-incident.md"
INTRO = """\
# An incident, as it reads

Bookings of a hotel chain from October to February, watched by a model that was trained on the
summer: a `replay` with `learning: none` and `samples: {rate: 1}`. This is what everybody is told on
the alerts topic and in every channel, about its first budget incident. `incidents show ID` adds
histograms, `incidents show ID --html FILE` and `replay --html FILE` make a page of it.
Made by `python -m docs.pictures.hotel_incident`.
"""


def told() -> list[AlertData]:
    """All alerts about the first incident of the budget."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = folder / "stream-drift.yaml"
        text = hotel.config_text("hotel", "hotel.bookings", {})
        config.write_text(text.replace("    pane: 6h", "    samples: {rate: 1}\n    pane: 6h"))
        (folder / "reference.jsonl").write_bytes(b"\n".join(hotel.reference_lines()))
        (folder / "events.jsonl").write_text("\n".join(map(json.dumps, hotel.events())))
        out = folder / "alerts.jsonl"
        for words in (
            ("reference", "build", "--from", folder / "reference.jsonl"),
            ("replay", "--events", folder / "events.jsonl", "--alerts", out),
        ):
            with suppress(SystemExit):
                main([*map(str, words), "-c", str(config)])
        alerts = [json.loads(line)["data"] for line in out.read_text().splitlines()]
    first = next(data["incident"] for data in alerts if data["policy"] == "budget")
    mine = [data for data in alerts if data["incident"] == first]
    return [msgspec.convert(data, AlertData) for data in mine]


def page(alerts: list[AlertData]) -> str:
    """The page: what each alert says."""
    told = (
        f"## {data.change.capitalize()}\n\n```text\n{message_of(data).text}\n```\n"
        for data in alerts
    )
    return "\n".join([INTRO, *told])


if __name__ == "__main__":
    OUT.write_text(page(told()))
