"""How far our groups are behind, and whether our clock agrees with the brokers'."""

from __future__ import annotations

from collections.abc import Callable

from stream_drift.errors import BrokerError
from stream_drift.kafka.admin import GroupState
from stream_drift.kafka.sample import latest_records
from stream_drift.runtime.check_line import CheckLine
from stream_drift.runtime.transport import LogScanner

LOOKED_AT = 100
APART_MS = 2_000
"""Clocks that NTP sets are far closer; event times are judged to minutes."""
RECENT_MS = 15_000
"""A running profile role appends every 5 s."""


def clock_line(
    scanner: LogScanner, topic: str, now_ms: Callable[[], int], *, runs: bool
) -> CheckLine:
    """Compare our clock with the append time of the newest record of ours; writes nothing.

    Parameters
    ----------
    topic
        One whose records carry the brokers' time.
    runs
        Whether a profile role is known to run, which appends every few seconds.
    """
    subject = "clock"
    try:
        records = latest_records(scanner, topic, LOOKED_AT)
    except BrokerError as error:
        return CheckLine(None, subject, f"cannot be compared with the brokers': {error}")
    if not records:
        text = f"cannot be compared with the brokers': {topic} is empty"
        return CheckLine(None, subject, text, "ask again while the service runs")
    age_ms = now_ms() - max(record.timestamp_ms for record in records)
    remedy = "let NTP set the clocks of this machine and of the brokers (timedatectl)"
    if age_ms < -APART_MS:
        text = f"the brokers' is ahead of ours by {-age_ms / 1000:.1f} s or more"
        return CheckLine(ok=False, subject=subject, text=text, remedy=remedy)
    if age_ms <= RECENT_MS:
        text = f"within {max(age_ms, APART_MS) / 1000:.0f} s of the brokers'"
        return CheckLine(ok=True, subject=subject, text=text)
    text = f"not behind the brokers'; the newest record in {topic} is {age_ms / 1000:,.0f} s old"
    if runs:
        remedy = f"our clock is ahead, or nobody appends though a profile role runs: {remedy}"
        return CheckLine(None, subject, text, remedy)
    return CheckLine(None, subject, text, "ask again while the service runs")


def group_text(scanner: LogScanner, state: GroupState) -> str:
    """Members and lag of a group, in words.

    Raises
    ------
    BrokerError
        Where the end of a partition cannot be asked for.
    """
    members = f"{state.n_members:,} member{'' if state.n_members == 1 else 's'}"
    if not state.offsets:
        return f"{members}; nothing read yet"
    lags = [
        max(scanner.end_offset(partition) - offset, 0)
        for partition, offset in state.offsets.items()
    ]
    behind = f"{sum(lags):,} records behind in {len(lags)} partition{'' if len(lags) == 1 else 's'}"
    return f"{members}; {behind}"
