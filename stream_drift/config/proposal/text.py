"""A proposal as a configuration that a person can read and change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stream_drift.config.durations import format_duration
from stream_drift.config.proposal.proposal import Proposal
from stream_drift.config.proposal.roles import Choice

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
NOT_PLAIN = re.compile(r"y|n|yes|no|on|off|true|false|null", re.IGNORECASE)
COMMENT_COLUMN = 44
NO_FEATURES = "    # features: no field can be watched as one"
PSI_LIMIT = 0.2
PSI_PANES = 3


@dataclass(frozen=True, slots=True)
class Header:
    """What the text must know beside the proposal.

    Attributes
    ----------
    source
        What was looked at, in words.
    schema
        Where an editor finds the JSON Schema; ``None``: nowhere.
    labels_come_too
        Whether the topic itself was looked at, so that a label in it is one for sure.
    """

    source: str
    schema: str | None
    brokers: str
    topic: str
    monitor: str
    labels_come_too: bool


def config_text(proposal: Proposal, header: Header) -> str:
    """The whole file."""
    parts = (
        _head(proposal, header),
        _monitor(proposal, header),
        _input(proposal, header),
        _features(proposal),
        _prediction(proposal),
        _label(proposal, header),
        _detection(proposal),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _head(proposal: Proposal, header: Header) -> Iterator[str]:
    if header.schema is not None:
        yield f"# yaml-language-server: $schema={header.schema}"
    yield f"# From {proposal.n_events:,} events of {header.source}. Every choice below is a guess"
    yield "# with its reason beside it: read it through, then stream-drift check."
    yield ""
    yield _commented("name: streamdrift", "prefix of topics and groups")
    yield "kafka:"
    yield f"  bootstrap.servers: {_text(header.brokers)}"
    yield ""
    yield "monitors:"


def _monitor(proposal: Proposal, header: Header) -> Iterator[str]:
    yield f"  {_text(header.monitor)}:"
    yield _commented(
        f"    reference: {_value(f'references/{header.monitor}.json')}",
        "made by: stream-drift reference build",
    )
    volume = proposal.volume
    if volume is None:
        yield "    pane: 5m"
        yield "    windows: [1h, 1d]"
    else:
        pane = format_duration(volume.pane_ms)
        per_pane = volume.per_second * volume.pane_ms / 1_000
        yield _commented(f"    pane: {pane}", f"about {_rounded(per_pane)} events in each")
        yield _commented(
            f"    windows: [{', '.join(volume.windows)}]", "trailing; scores are of these"
        )
    yield _commented("    lateness: 10m", "an event that comes later still is only counted")
    yield _commented("    timezone: UTC", "where your users live: their days and weekends")
    yield from _samples(proposal)


def _samples(proposal: Proposal) -> Iterator[str]:
    volume = proposal.volume
    if volume is None:
        yield _commented("    samples: {rate: 1/16}", "1 below about 10 events a second")
        return
    one_in = volume.sampled_one_in
    rate = "1" if one_in == 1 else f"1/{one_in}"
    reason = f"about {_rounded(volume.per_second)} events a second"
    yield _commented(f"    samples: {{rate: {rate}}}", reason)


def _input(proposal: Proposal, header: Header) -> Iterator[str]:
    carries = ["features"] if any(verdict.kind for verdict in proposal.features) else []
    if proposal.task is not None:
        carries.append("prediction")
    if "label" in proposal.roles and header.labels_come_too:
        carries.append("label")
    yield ""
    yield "    inputs:"
    yield _commented(f"      - topic: {_value(header.topic)}", "the topic with these events")
    yield "        format: json"
    yield f"        carries: [{', '.join(carries)}]"
    yield from _field(proposal, "event_id", "without an id, topic-partition-offset is it")
    yield from _field(proposal, "time", "without a time, the record's timestamp is it")


def _field(proposal: Proposal, role: str, without: str) -> Iterator[str]:
    choice = next((found for name, found in proposal.roles.items() if name == role), None)
    if choice is None:
        yield f"        # {role}: {without}"
    else:
        yield _commented(f"        {role}: {_value(choice.column.name)}", _because(choice))


def _features(proposal: Proposal) -> Iterator[str]:
    yield ""
    yield "    features:" if any(verdict.kind for verdict in proposal.features) else NO_FEATURES
    for verdict in proposal.features:
        if verdict.kind is None:
            yield f"      # {_one_line(verdict.name)}: left out: {verdict.reason}"
        elif verdict.name == verdict.path:
            yield _commented(f"      {_text(verdict.name)}: {verdict.kind}", verdict.reason)
        else:
            content = f"{{type: {verdict.kind}, path: {_value(verdict.path)}}}"
            yield _commented(f"      {_text(verdict.name)}: {content}", verdict.reason)


def _prediction(proposal: Proposal) -> Iterator[str]:
    yield ""
    if proposal.task is None:
        yield "    # prediction: {value: …, score: …, task: binary}     # no field looks like one"
        return
    yield "    prediction:"
    value, score = proposal.roles.get("prediction"), proposal.roles.get("score")
    if value is not None:
        yield _commented(f"      value: {_value(value.column.name)}", _because(value))
    if score is not None:
        yield _commented(f"      score: {_value(score.column.name)}", _because(score))
    classes = "" if value is None else f"{value.column.n_distinct} different values"
    yield _commented(f"      task: {proposal.task}", classes or "binary, multiclass or regression")
    if proposal.positive is not None:
        positive, reason = proposal.positive
        yield _commented(f"      positive: {_value(positive)}", reason)


def _label(proposal: Proposal, header: Header) -> Iterator[str]:
    choice = proposal.roles.get("label")
    if choice is None:
        return
    name, because = _value(choice.column.name), _because(choice)
    if header.labels_come_too:
        yield "    label:"
        yield _commented(f"      value: {name}", because)
        return
    shown = _one_line(choice.column.name)
    yield f"    # {shown} looks like the label ({because}), so it is no feature."
    yield "    # Where labels come over a topic, add it to the inputs with carries: [label], and:"
    yield f"    # label: {{value: {name}, matures_after: 2d, horizon: 35d}}"


def _detection(proposal: Proposal) -> Iterator[str]:
    volume = proposal.volume
    window = "1d" if volume is None else volume.windows[-1]
    yield ""
    yield "    detection:"
    yield _commented("      false_incidents_per_30d: 1", "the budget, over all features")
    yield _commented("      learning: 14d", "none: judge by the reference at once, no promise")
    threshold = f"score: psi, of: '*', above: {PSI_LIMIT}, window: {window}, for: {PSI_PANES}"
    yield _commented(f"      # thresholds: [{{{threshold}}}]", "a rule of thumb, if you want one")
    if volume is None:
        yield "      # no_data_for: 30m   # five times the longest silence that is normal"
        return
    gap = format_duration(max(volume.longest_gap_ms, 1_000))
    yield _commented(
        f"      no_data_for: {format_duration(volume.no_data_for_ms)}",
        f"5 times the longest gap seen ({gap}), at least a pane",
    )


def _because(choice: Choice) -> str:
    others = f"; so may be {', '.join(choice.others)}" if choice.others else ""
    return _one_line(f"{choice.reason}{others}")


def _commented(line: str, comment: str) -> str:
    return f"{line:<{COMMENT_COLUMN}} # {_one_line(comment)}"


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)


def _text(text: str) -> str:
    """As a YAML scalar that every reader takes for a text, where it is not plainly one."""
    is_plain = PLAIN.fullmatch(text) and not NOT_PLAIN.fullmatch(text)
    return text if is_plain else f'"{"".join(map(_escaped, text))}"'


def _value(text: str) -> str:
    """As `_text`, where the environment's variables would be put in."""
    return _text(text.replace("${", "$${"))


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _rounded(number: float) -> str:
    return f"{number:,.0f}" if number >= 1 else f"{number:.2g}"
