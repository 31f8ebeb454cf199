"""What a monitor's inputs must carry, and what that needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stream_drift.config.finding import Finding
from stream_drift.config.mistakes import Path
from stream_drift.config.schema import InputPart, MonitorPart
from stream_drift.config.settings import Role

ROLE_KEYS: dict[Role, str] = {
    "features": "features",
    "prediction": "prediction",
    "label": "label",
}
"""What an input may carry, and the key of the monitor that says where it stands."""
COUNTED: frozenset[Role] = frozenset({"features", "prediction"})


def input_rules(monitor: MonitorPart, base: Path) -> Iterator[Finding]:
    """All findings about the inputs of one monitor."""
    yield from _watched(monitor, base)
    yield from _described(monitor, base)
    yield from _told_apart(monitor, base)
    yield from _joinable(monitor, base)


def _watched(monitor: MonitorPart, base: Path) -> Iterable[Finding]:
    if not any(source.carries & COUNTED for source in monitor.inputs):
        yield Finding((*base, "inputs"), "at least one input must carry features or a prediction")


def _described(monitor: MonitorPart, base: Path) -> Iterable[Finding]:
    """What is carried is described, and what is described is carried."""
    carried = {role for source in monitor.inputs for role in source.carries}
    for role, key in ROLE_KEYS.items():
        described = bool(getattr(monitor, key))
        if described and role not in carried:
            text = f"no input carries it: add {role} to the 'carries' of an input"
            yield Finding((*base, key), text, ((*base, "inputs"),))
        for i, source in enumerate(monitor.inputs):
            if role in source.carries and not described:
                text = f"carries {role}, but the monitor has no {key!r} that says what to read"
                yield Finding((*base, "inputs", i, "carries"), text, ((*base, key),))


def _told_apart(monitor: MonitorPart, base: Path) -> Iterable[Finding]:
    """No event is read twice: a monitor counts a topic's features and predictions in one go."""
    for i, source in enumerate(monitor.inputs):
        for j, other in enumerate(monitor.inputs[:i]):
            if _overlap(source, other):
                text = (
                    f"reads {source.topic!r} as inputs[{j}] does: put the two into one input, "
                    "or make two monitors"
                )
                yield Finding((*base, "inputs", i), text, ((*base, "inputs", j),))
                break


def _overlap(one: InputPart, other: InputPart) -> bool:
    if one.topic != other.topic:
        return False
    both_count = bool(one.carries & COUNTED) and bool(other.carries & COUNTED)
    return both_count or (one.where == other.where and bool(one.carries & other.carries))


def _joinable(monitor: MonitorPart, base: Path) -> Iterable[Finding]:
    """Labels that come apart from their prediction are joined by id, unless by an entity."""
    apart = any("label" in s.carries and "prediction" not in s.carries for s in monitor.inputs)
    if not apart:
        return
    if not monitor.samples.rate or monitor.privacy == "strict":
        text = "labels and predictions that come apart are joined by sampled rows: there are none"
        yield Finding((*base, "label"), text, ((*base, "samples"), (*base, "privacy")))
    if monitor.label is not None and monitor.label.match is not None:
        return
    for i, source in enumerate(monitor.inputs):
        if source.carries & {"label", "prediction"} and source.event_id is None:
            text = "needs an event_id: labels and predictions that come apart are joined by it"
            yield Finding((*base, "inputs", i), text, ((*base, "label"),))
