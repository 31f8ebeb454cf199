"""The incidents that the alerts topic tells of, newest word first; and commands about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stream_drift.engine.chunks import split
from stream_drift.engine.wire import encode_record
from stream_drift.errors import BrokerError, UsageError
from stream_drift.incidents.alert import Alert
from stream_drift.runtime.own_topics import OwnTopics, log_key, partition_of
from stream_drift.runtime.told import alerts_of
from stream_drift.runtime.transport import LogScanner, LogWriter
from stream_drift.windows.log import Command

FLUSH_SECONDS = 10.0


def latest_alerts(scanner: LogScanner, own: OwnTopics) -> list[Alert]:
    """The last alert of every incident on the topic, by the time it speaks of, newest first.

    Raises
    ------
    BrokerError
        Where the alerts topic does not exist.
    """
    latest = {alert.data.incident: alert for alert in _told(scanner, own)}
    return sorted(latest.values(), key=lambda alert: (alert.time_ms, alert.id), reverse=True)


def alerts_about(scanner: LogScanner, own: OwnTopics, incident: str) -> list[Alert]:
    """All alerts about the incident whose id begins so, oldest first, each once.

    Raises
    ------
    UsageError
        Where there is none, or more than one.
    BrokerError
        Where the alerts topic does not exist.
    """
    told = list(_told(scanner, own))
    latest = {alert.data.incident: alert for alert in told}
    wanted = find_alert(latest.values(), incident).data.incident
    return list({alert.id: alert for alert in told if alert.data.incident == wanted}.values())


def _told(scanner: LogScanner, own: OwnTopics) -> Iterator[Alert]:
    for number in range(_size(scanner, own.alerts)):
        yield from alerts_of(scanner.scan((own.alerts, number)))


def find_alert(alerts: Iterable[Alert], incident: str) -> Alert:
    """The incident whose id begins so.

    Raises
    ------
    UsageError
        Where none or more than one does.
    """
    found = [alert for alert in alerts if alert.data.incident.startswith(incident)]
    if len(found) != 1:
        message = (
            f"{'no' if not found else 'more than one'} incident begins with {incident!r}: "
            "see `stream-drift incidents list --all`"
        )
        raise UsageError(message)
    return found[0]


def send_command(
    writer: LogWriter, scanner: LogScanner, own: OwnTopics, monitor: str, command: Command
) -> None:
    """Write a command into the monitor's log, where every process and every replay obeys it.

    Raises
    ------
    BrokerError
        Where the broker did not take it.
    """
    number = partition_of(monitor, _size(scanner, own.profiles))
    for part in split(encode_record(command)):
        writer.send(own.profiles, number, log_key(monitor, command), part)
    if not writer.flush(FLUSH_SECONDS):
        message = f"the broker did not acknowledge the command within {FLUSH_SECONDS:g} s"
        raise BrokerError(message)


def _size(scanner: LogScanner, topic: str) -> int:
    found = scanner.topics([topic])
    if topic not in found:
        message = f"topic {topic!r} does not exist: create it with `stream-drift topics create`"
        raise BrokerError(message)
    return found[topic].n_partitions
