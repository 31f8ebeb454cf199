"""One incident as a section of a page: what stands in its last alert, and how it came there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape

from stream_drift.incidents.alert import Alert, AlertData, GuiltyFeature, iso, structured_json
from stream_drift.incidents.figures import moment
from stream_drift.incidents.message import message_of
from stream_drift.incidents.summary import sentence
from stream_drift.incidents.words import title_of
from stream_drift.report.bars import picture

MOST_PICTURED = 20
OF = {"reference": "the reference", "baseline": "live before the onset"}


def section(alerts: Sequence[Alert]) -> str:
    """All alerts of one incident, oldest first, as HTML; the last one is shown in full."""
    data = alerts[-1].data
    message = message_of(data)
    badge = "over" if data.status == "resolved" else data.severity
    shown, more = data.features[:MOST_PICTURED], data.features[MOST_PICTURED:]
    parts = [
        f'<section id="{escape(data.incident)}" class="{data.severity} {data.status}">',
        f'<h2><span class="badge {badge}">{_badge(data)}</span>{escape(message.title)}</h2>',
        f"<p>{escape(message.since)}.</p>",
        _todo(message.todo, message.command),
        "<h3>What changed</h3>",
        *map(_feature, shown),
        _names_of(more),
        _list("Which rows arrived or left", message.slices),
        _list("What stands behind it", _facts(data, message.facts)),
        _history(alerts),
        _event(alerts[-1]),
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _badge(data: AlertData) -> str:
    return f"{data.severity}, resolved" if data.status == "resolved" else data.severity


def _todo(todo: str, command: str | None) -> str:
    code = f"<code>{escape(command)}</code>" if command else ""
    return f'<div class="todo"><b>What to do.</b> {escape(todo)}{code}</div>'


def _feature(feature: GuiltyFeature) -> str:
    drawn = picture(feature.before, feature.after)
    caption = f"<figcaption>{_caption(feature)}</figcaption>" if drawn else ""
    said = "confirmed by events after the opening" if feature.confirmed else "provisional"
    began = f", since {moment(feature.since)}" if feature.since else ""
    reasons = escape("; ".join(feature.reasons))
    return (
        f'<div class="feature"><div><b>{escape(title_of(feature))}</b>'
        f"<p>{escape(feature.words)}</p>"
        f'<p class="soft">{reasons} · {said}{began}</p></div>'
        f"<figure>{drawn}{caption}</figure></div>"
    )


def _caption(feature: GuiltyFeature) -> str:
    """Whose events are drawn, and how many."""
    old, new = feature.before, feature.after
    of = OF.get(str(old.get("of")), "before")
    return (
        f'<span class="key"><i class="old"></i>{of}, n = {old.get("n", 0):,}'
        f'<i class="new"></i>since, n = {new.get("n", 0):,}</span>; % of values'
    )


def _names_of(features: Sequence[GuiltyFeature]) -> str:
    if not features:
        return ""
    told = "; ".join(escape(f"{title_of(f)}: {f.words}") for f in features)
    return f'<p class="soft">And {len(features)} more. {told}</p>'


def _list(title: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h3>{title}</h3><ul>{items}</ul>" if items else ""


def _facts(data: AlertData, facts: Sequence[str]) -> list[str]:
    found = [*facts]
    if data.budget is not None:
        found.append(
            f"Evidence {data.budget.evidence:,.0f} against a threshold of "
            f"{data.budget.threshold:,.0f}"
        )
    if data.window is not None:
        whole = "" if data.window.complete else ", not complete"
        found.append(
            f"Events from {moment(data.window.start)} to {moment(data.window.end)}, "
            f"n = {data.window.n:,}{whole}"
        )
    reference = data.reference
    found.append(f"Reference {reference.id} of {moment(reference.created_at)}, n = {reference.n:,}")
    if data.baseline is not None:
        since = f" since {moment(data.baseline.since)}" if data.baseline.since else ""
        found.append(f"Baseline {data.baseline.state}{since}")
    found.append(f"Policy {data.policy}; model version {data.model_version or 'not given'}")
    return found


def _history(alerts: Sequence[Alert]) -> str:
    rows = "".join(
        f"<tr><td>{moment(iso(alert.time_ms))}</td>"
        f"<td>{sentence(alert.data.change)}</td><td>{alert.data.severity}</td>"
        f"<td>{escape(', '.join(map(title_of, alert.data.features)))}</td></tr>"
        for alert in alerts
    )
    return (
        "<h3>History</h3><table><tr><th>event time</th><th>what</th><th>severity</th>"
        f"<th>features</th></tr>{rows}</table>"
    )


def _event(alert: Alert) -> str:
    text = json.dumps(json.loads(structured_json(alert)), indent=2, ensure_ascii=False)
    return (
        "<details><summary>The event as it stands on the topic</summary>"
        f"<pre>{escape(text)}</pre></details>"
    )
