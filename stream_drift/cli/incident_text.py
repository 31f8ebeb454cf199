"""An incident in a terminal: exactly what its event holds, for reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stream_drift.incidents.alert import Alert, GuiltyFeature, iso
from stream_drift.incidents.figures import moment, number, percent
from stream_drift.incidents.message import message_of
from stream_drift.incidents.words import title_of

BARS = " ▁▂▃▄▅▆▇█"
BAR_WIDTH = 24
MOST_ROWS = 8
STYLES = {"minor": "cyan", "notice": "yellow", "major": "dark_orange", "severe": "red"}


def incident_text(alerts: Sequence[Alert]) -> Iterable[RenderableType]:
    """All alerts of one incident, oldest first; the last one is shown in full."""
    data = alerts[-1].data
    message = message_of(data)
    style = "green" if data.status == "resolved" else STYLES[data.severity]
    yield Text(message.title, style=f"bold {style}")
    yield Text(message.since)
    for feature in data.features:
        yield ""
        yield Text(f"{title_of(feature)}: {feature.words}", style="bold")
        yield Padding(_figures(feature), (0, 0, 0, 2))
    if message.slices:
        yield "\nWhich rows arrived or left"
        yield Text("\n".join(f"  {line}" for line in message.slices))
    yield Text(f"\n{message.todo}", style="bold")
    if message.command:
        yield Text(f"  $ {message.command}")
    yield Text("\n" + "\n".join(message.facts), style="dim")
    for name, address in message.links:
        yield Text(f"{name}: {address}")
    yield _history(alerts)


def _figures(feature: GuiltyFeature) -> RenderableType:
    """Before and after below each other."""
    if not feature.after:
        return Text("; ".join(feature.reasons), style="dim")
    table = Table(box=None, pad_edge=False, show_header=False)
    shares = [side.get("shares") for side in (feature.before, feature.after)]
    for name, side in (("before", feature.before), ("after", feature.after)):
        label = f"{name} ({side['of']})" if "of" in side else name
        table.add_row(Text(label, style="dim"), _bars(side), _line(side))
    if shares[1]:
        _add_shares(table, shares[0] or {}, shares[1])
    return table


def _bars(side: dict[str, object]) -> str:
    """A histogram with what is below and above it, one character per bar."""
    histogram = side.get("histogram")
    if not isinstance(histogram, dict):
        return ""
    shares = [histogram["below"], *histogram["shares"], histogram["above"]]
    top = max(shares) or 1.0
    drawn = "".join(BARS[round(share / top * (len(BARS) - 1))] for share in shares)
    low, high = (number(histogram["edges"][end]) for end in (0, -1))
    return f"{low} {drawn} {high}"


def _line(side: dict[str, object]) -> str:
    """Sample size, missing share and moments."""
    said = [f"n {side.get('n', 0):,}"]
    for name in ("mean", "sd", "events_per_hour"):
        value = side.get(name)
        if isinstance(value, float):
            said.append(f"{name.replace('_', ' ')} {number(value)}")
    for name in ("missing", "invalid", "not_finite", "out_of_range"):
        value = side.get(name)
        if isinstance(value, float) and value > 0:
            said.append(f"{name.replace('_', ' ')} {percent(value)}")
    return ", ".join(said)


def _add_shares(table: Table, before: dict[str, float], after: dict[str, float]) -> None:
    names = list(after)[:MOST_ROWS]
    top = max(max(before.get(name, 0.0), after[name]) for name in names) or 1.0
    for name in names:
        old, new = before.get(name, 0.0), after[name]
        bars = f"{_bar(old / top, '░')}\n{_bar(new / top, '█')}"
        table.add_row(name, bars, f"{percent(old)}\n{percent(new)}")


def _bar(length: float, mark: str) -> str:
    return mark * max(round(length * BAR_WIDTH), 1 if length else 0)


def _history(alerts: Sequence[Alert]) -> RenderableType:
    table = Table("event time", "what", "severity", "features", box=None, style="dim")
    for alert in alerts:
        names = ", ".join(map(title_of, alert.data.features))
        table.add_row(moment(iso(alert.time_ms)), alert.data.change, alert.data.severity, names)
    return table
