"""What carries alerts into the configured channels."""

from __future__ import annotations

from fnmatch import fnmatchcase

import numpy as np

from stream_drift.channels.build import build_channel
from stream_drift.config.settings import ChannelSettings
from stream_drift.kafka.connection import KafkaLog
from stream_drift.runtime import clock
from stream_drift.runtime.notify.channel import StandingChannel
from stream_drift.runtime.notify.courier import Courier, Now, Tally
from stream_drift.runtime.notify.queue import QueueCourier, QueueSettings
from stream_drift.runtime.notify.standing import StandingCourier
from stream_drift.runtime.notify_role import NotifyRole, notify_group


def notify_role(name: str, channel: ChannelSettings, log: KafkaLog, tally: Tally) -> NotifyRole:
    """The role that serves one channel.

    Parameters
    ----------
    name
        Prefix of topics and groups.
    tally
        Counts outcomes; outlives the role.

    Raises
    ------
    ConfigError
        Where the channel cannot be made.
    """
    reader = log.reader(notify_group(name, channel.name), with_headers=True)
    return NotifyRole(name, courier_of(channel, tally), reader, log.scanner(), _now)


def courier_of(channel: ChannelSettings, tally: Tally) -> Courier:
    """What carries alerts into a channel."""
    chance = np.random.default_rng().random

    def held(monitor: str, now_ms: int) -> bool:
        return any(
            each.since_ms <= now_ms < each.until_ms
            and (not each.monitors or any(fnmatchcase(monitor, p) for p in each.monitors))
            for each in channel.maintenance
        )

    made = build_channel(channel.type, channel.options, clock.now_ms)
    if isinstance(made, StandingChannel):
        return StandingCourier(channel.selection, made, held, chance, tally)
    settings = QueueSettings(channel.name, channel.selection, channel.group_wait_ms, held)
    return QueueCourier(settings, made, chance, tally)


def _now() -> Now:
    return Now(clock.now_ms(), clock.monotonic_seconds())
