"""The first line of an alert, for the reader on call: what, how bad, and which features."""

from __future__ import annotations

from collections.abc import Sequence

from stream_drift.incidents.alert import AlertData, GuiltyFeature, Kind
from stream_drift.incidents.figures import length, moment, span
from stream_drift.incidents.words import title_of

MOST_NAMED = 3


def summary_of(data: AlertData) -> str:
    """One sentence: severity and kind, the monitor, and up to three guilty features in words."""
    what = f"{kind_in_words(data.kind)} in {data.monitor}"
    if data.resolved_at is not None:
        lasted = length(data.onset.estimate, data.resolved_at)
        return f"resolved: {what}, {named(data.features)}, {lasted} after it began"
    told = "; ".join(told_of(feature) for feature in data.features[:MOST_NAMED])
    return f"{data.severity} {what} – {told}{_more(data.features)}"


def title_line(data: AlertData) -> str:
    """What and how bad, without figures."""
    what = f"{kind_in_words(data.kind)} in {data.monitor}: {named(data.features)}"
    return f"Resolved: {what}" if data.status == "resolved" else sentence(f"{data.severity} {what}")


def sentence(text: str) -> str:
    """With a capital at the beginning; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def kind_in_words(kind: Kind) -> str:
    """A kind as people say it."""
    return kind.replace("_", " ")


def told_of(feature: GuiltyFeature) -> str:
    """A feature with its words."""
    return f"{title_of(feature)}: {feature.words}"


def named(features: Sequence[GuiltyFeature]) -> str:
    """The names of the first features, and how many more there are."""
    return ", ".join(title_of(feature) for feature in features[:MOST_NAMED]) + _more(features)


def _more(features: Sequence[GuiltyFeature]) -> str:
    n = len(features) - MOST_NAMED
    return f", and {n} more" if n > 0 else ""


def since(data: AlertData) -> str:
    """When it began, how sure that is, and when it was found."""
    onset = data.onset
    between = f" (between {span(onset.earliest, onset.latest, onset.estimate)})"
    later = length(onset.estimate, data.opened_at)
    by_labels = data.policy == "performance"
    found = f"found in the labels of {later}" if by_labels else f"found {later} later"
    said = f"Since {moment(onset.estimate)}{between * (onset.earliest != onset.latest)}, {found}"
    if data.resolved_at is None:
        return said
    lasted = length(onset.estimate, data.resolved_at)
    return f"{said}; over at {moment(data.resolved_at)}, after {lasted}"
