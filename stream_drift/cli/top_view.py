"""What `top` shows of one scrape: values in, tables out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import log10

from prometheus_client.parser import text_string_to_metric_families
from rich.table import Table
from rich.text import Text

SCORES = ("mean_shift", "psi", "missing", "new", "out_of_range")
"""The scores that have a column; a feature shows those that it has."""
BAR_CELLS = 20
DECADES = 3
"""The bar begins at a thousandth of the threshold."""
NEAR = 0.1


@dataclass(slots=True)
class Monitor:
    """What one scrape says of a monitor.

    Attributes
    ----------
    evidence
        Share of the threshold by feature; the empty name is all together.
    scores
        By feature and score, of one window.
    """

    name: str
    state: str = "–"
    events: float = 0.0
    rejected: float = 0.0
    watermark_seconds: float | None = None
    evidence: dict[str, float] = field(default_factory=dict)
    scores: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    open: dict[str, int] = field(default_factory=dict)


def read_scrape(text: str, window: str) -> dict[str, Monitor]:
    """The monitors of a page of metrics, with the scores of one window."""
    monitors: dict[str, Monitor] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            name = sample.labels.get("monitor")
            if name is not None:
                monitor = monitors.setdefault(name, Monitor(name))
                _take(monitor, sample.name, sample.labels, sample.value, window)
    return monitors


def _take(
    monitor: Monitor, metric: str, labels: Mapping[str, str], value: float, window: str
) -> None:
    match metric.removeprefix("streamdrift_"):
        case "score" if labels["window"] == window:
            monitor.scores[labels["feature"]][labels["score"]] = value
        case "evidence_ratio":
            monitor.evidence[labels["feature"]] = value
        case "baseline_state" if value:
            monitor.state = labels["state"]
        case "events_total":
            monitor.events += value
        case "rejected_events_total":
            monitor.rejected += value
        case "watermark_timestamp_seconds":
            monitor.watermark_seconds = value
        case "incidents_open" if value:
            severity = labels["severity"]
            monitor.open[severity] = monitor.open.get(severity, 0) + int(value)


def monitor_table(
    now: Monitor, before: Monitor | None, seconds: float, now_seconds: float, n_features: int
) -> Table:
    """One monitor: a line about all of it, then its features, the most suspicious first.

    Parameters
    ----------
    before, seconds
        The scrape before, and how long ago it was: for events per second.
    """
    table = Table(title=_title(now, before, seconds, now_seconds), title_justify="left", box=None)
    table.add_column("feature", overflow="fold", min_width=12)
    table.add_column("evidence", min_width=BAR_CELLS + 6)
    for score in SCORES:
        table.add_column(score, justify="right")
    names = sorted({*now.evidence, *now.scores} - {""}, key=lambda name: _rank(now, name))
    for name in names[:n_features]:
        share = now.evidence.get(name, 0.0)
        cells = (_number(now.scores.get(name, {}).get(score)) for score in SCORES)
        table.add_row(name, bar(share), *cells)
    if len(names) > n_features:
        table.add_row(Text(f"and {len(names) - n_features} more", style="dim"))
    return table


def _rank(monitor: Monitor, feature: str) -> tuple[float, float, str]:
    scores = monitor.scores.get(feature, {})
    return -monitor.evidence.get(feature, 0.0), -scores.get("psi", 0.0), feature


def _title(now: Monitor, before: Monitor | None, seconds: float, now_seconds: float) -> Text:
    return Text("   ").join(_facts(now, before, seconds, now_seconds))


def _facts(
    now: Monitor, before: Monitor | None, seconds: float, now_seconds: float
) -> Iterator[Text]:
    yield Text(now.name, style="bold")
    yield Text(now.state)
    if before is not None and seconds > 0:
        yield Text(f"{max(now.events - before.events, 0) / seconds:,.0f} events/s")
    else:
        yield Text(f"{now.events:,.0f} events")
    if now.rejected:
        yield Text(f"{now.rejected:,.0f} rejected", style="yellow")
    if now.watermark_seconds is not None:
        yield Text(f"panes closed up to {_ago(now_seconds - now.watermark_seconds)}")
    if "" in now.evidence:
        yield Text(f"evidence {now.evidence['']:.0%} of the threshold")
    if now.open:
        counts = ", ".join(f"{n} {severity}" for severity, n in sorted(now.open.items()))
        yield Text(f"open: {counts}", style="bold red")
    else:
        yield Text("no incident", style="green")


def _ago(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"


def bar(share: float) -> Text:
    """How near evidence is to opening an incident; evidence multiplies, so the scale is a log one.

    Examples
    --------
    >>> [str(bar(share)).strip() for share in (0.0001, 1.0)]
    ['0%', '████████████████████ 100%']
    """
    filled = round(BAR_CELLS * (1 + log10(share) / DECADES)) if share > 0 else 0
    filled = min(max(filled, 0), BAR_CELLS)
    style = "red" if share >= 1 else "yellow" if share >= NEAR else "cyan"
    text = Text("█" * filled, style=style)
    return text.append(" " * (BAR_CELLS - filled) + f" {min(share, 99):.0%}", style="default")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
