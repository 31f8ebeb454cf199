"""What all channels say: the same words, cut to each receiver's limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from stream_drift.incidents.alert import Alert, AlertData, Severity
from stream_drift.incidents.message import message_of

RESOLVED = "Resolved"
MARKS: dict[Severity, str] = {"minor": "🔵", "notice": "🟡", "major": "🟠", "severe": "🔴"}


def title(data: AlertData, most: int) -> str:
    """The first line: what, how bad, where; an end says so first."""
    text = message_of(data).title
    return cut(f"{RESOLVED}: {text}" if data.status == "resolved" else text, most)


def body(data: AlertData, most: int) -> str:
    """The lines below it."""
    return cut("\n".join(message_of(data).lines), most)


def marked(data: AlertData) -> str:
    """A sign for how bad it is, or that it is over."""
    return "✅" if data.status == "resolved" else MARKS[data.severity]


def grouped(alerts: Sequence[Alert]) -> list[AlertData]:
    """Of several alerts the last one of each incident."""
    return list({alert.data.incident: alert.data for alert in alerts}.values())


def cut(text: str, most: int) -> str:
    """At most so many characters.

    Examples
    --------
    >>> cut("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def time_ms(text: str) -> int:
    """An ISO time of an alert as milliseconds."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)
