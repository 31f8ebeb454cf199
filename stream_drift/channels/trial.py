"""A message that says of itself that it is a test, through a channel as it is configured."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping

import msgspec

from stream_drift.channels.build import build_channel
from stream_drift.errors import ConfigError
from stream_drift.incidents.alert import (
    Alert,
    AlertData,
    OnsetTimes,
    Recommendation,
    ReferenceInfo,
    iso,
)
from stream_drift.runtime.check_line import CheckLine
from stream_drift.runtime.notify.channel import (
    Channel,
    Delivered,
    Outcome,
    Standing,
    StandingChannel,
)

MONITOR = "TEST of a channel, no incident"
REMEDY = "check the channel's address and key, then try again"


def trial_lines(
    subject: str, kind: str, options: Mapping[str, object], now_ms: Callable[[], int]
) -> Iterator[CheckLine]:
    """Tell a test incident and at once its end, so that nothing stays open at the receiver.

    Routes and maintenance are left out of account. An Alertmanager gives a line for each member.
    """
    try:
        made = build_channel(kind, options, now_ms)
    except ConfigError as error:
        yield CheckLine(ok=False, subject=subject, text=str(error))
        return
    opened, resolved = trial_alerts(now_ms())
    if isinstance(made, StandingChannel):
        for member, host in enumerate(made.members):
            outcome = _post(made, member, (opened, resolved), now_ms())
            yield _line(f"{subject}, {host}", outcome)
    else:
        yield _line(subject, _tell(made, opened, resolved))


def trial_alerts(now_ms: int) -> tuple[Alert, Alert]:
    """The mildest incident, and its end."""
    incident, now = f"test-{secrets.token_hex(4)}", iso(now_ms)
    data = AlertData(
        incident=incident,
        monitor=MONITOR,
        model_version=None,
        status="open",
        change="opened",
        severity="minor",
        kind="data_quality",
        policy="test",
        opened_at=now,
        detected_at=now,
        onset=OnsetTimes(now, now, now),
        resolved_at=None,
        related_to=None,
        budget=None,
        features=(),
        reference=ReferenceInfo("test", now, 0),
        baseline=None,
        window=None,
        recommendation=Recommendation(
            "nothing to do", "this is a test message of stream-drift check --send-test", None
        ),
        summary=f"{MONITOR}: nothing to do",
        dedup_key=incident,
        links={},
        labels={"test": "true"},
    )
    alert = Alert(f"{incident}/0", _kind("opened"), "/stream-drift/test", now_ms, data)
    return alert, _end(alert, now)


def _end(alert: Alert, now: str) -> Alert:
    data = msgspec.structs.replace(
        alert.data, status="resolved", change="resolved", resolved_at=now
    )
    kind = _kind("resolved")
    return Alert(f"{data.incident}/1", kind, alert.source, alert.time_ms, data)


def _kind(change: str) -> str:
    return f"io.streamdrift.incident.{change}.v1"


def _tell(channel: Channel, opened: Alert, resolved: Alert) -> Outcome:
    outcome = channel.tell([opened], None)
    return channel.tell([resolved], outcome.mark) if isinstance(outcome, Delivered) else outcome


def _post(
    channel: StandingChannel, member: int, alerts: tuple[Alert, Alert], now_ms: int
) -> Outcome:
    opened, resolved = alerts
    outcome = channel.post(member, [Standing(opened)], now_ms)
    if not isinstance(outcome, Delivered):
        return outcome
    return channel.post(member, [Standing(resolved, now_ms)], now_ms)


def _line(subject: str, outcome: Outcome) -> CheckLine:
    if isinstance(outcome, Delivered):
        return CheckLine(ok=True, subject=subject, text="took a test message and its end")
    return CheckLine(ok=False, subject=subject, text=outcome.reason, remedy=REMEDY)
