"""What ``check --live`` looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from stream_drift.channels.trial import trial_lines
from stream_drift.cli.understood import Understood
from stream_drift.config.settings import Settings, mapping_of
from stream_drift.errors import ConfigError
from stream_drift.kafka.live_check import ROLES, live_check
from stream_drift.kafka.live_sample import CheckedInput
from stream_drift.runtime import clock
from stream_drift.runtime.check_line import CheckLine
from stream_drift.runtime.reachable import reach_lines

DAY_MS = 86_400_000
OLD_DAYS = 180
"""As in the alert DriftReferenceOutdated."""


def live_lines(
    settings: Settings, monitors: Sequence[Understood], roles: Sequence[str]
) -> list[CheckLine]:
    """Brokers and all that stands in them, then references and channels.

    Raises
    ------
    ConfigError
        Where the configuration names no brokers.
    """
    if not settings.kafka:
        message = f"{settings.path} names no brokers to ask: give kafka its bootstrap.servers"
        raise ConfigError(message)
    inputs = [
        CheckedInput(monitor.name, source.topic, mapping_of(monitor, source))
        for monitor in settings.monitors
        for source in monitor.inputs
    ]
    notifies = ("notify",) if settings.channels else ()
    found = live_check(settings.kafka, settings.name, inputs, roles or (*ROLES, *notifies))
    found += [reference_line(settings, each, clock.now_ms()) for each in monitors]
    return [*found, *_channels(settings)]


def reference_line(settings: Settings, each: Understood, now_ms: int) -> CheckLine:
    """Whether there is a reference, and how old it is."""
    monitor, subject = each.monitor, f"reference of {each.monitor.name}"
    build = f"stream-drift reference build -c {settings.path} --monitor {monitor.name} --from FILE"
    if each.reference is None:
        text = f"{monitor.reference} is not there, or does not fit"
        return CheckLine(ok=False, subject=subject, text=text, remedy=build)
    created = datetime.fromisoformat(each.reference.created_at)
    days = int(now_ms - created.timestamp() * 1000) // DAY_MS
    text = f"built {days} day{'' if days == 1 else 's'} ago"
    if days <= OLD_DAYS:
        return CheckLine(ok=True, subject=subject, text=text)
    remedy = f"if the model was accepted on newer data since, build it again: {build}"
    return CheckLine(None, subject, text, remedy)


def _channels(settings: Settings) -> Iterator[CheckLine]:
    for number, channel in enumerate(settings.channels):
        yield from reach_lines(f"channel {number} ({channel.type})", channel.options)


def trials(settings: Settings) -> Iterator[CheckLine]:
    """What becomes of a test message to each channel."""
    for channel in settings.channels:
        subject = f"test message to {channel.name}"
        yield from trial_lines(subject, channel.type, channel.options, clock.now_ms)
