"""What the person on call does in the demo: export, accept, and see that it is quiet again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stream_drift.config.settings import Settings
from stream_drift.incidents.alert import Alert
from stream_drift.kafka.connection import KafkaLog
from stream_drift.past.incident import Wish, export_incident
from stream_drift.runtime.own_topics import OwnTopics
from stream_drift.runtime.told_incidents import latest_alerts, send_command
from stream_drift.windows.log import Command

WHY = "the student plan is here to stay"


def newest_alerts(log: KafkaLog, settings: Settings) -> list[Alert]:
    """The last word about every incident."""
    scanner = log.scanner()
    try:
        return latest_alerts(scanner, OwnTopics(settings.name))
    finally:
        scanner.close()


def export(settings: Settings, alert: Alert, folder: Path) -> dict[str, Any]:
    """As ``stream-drift export`` does; the manifest."""

    def silent(step: str, n_done: int, total: int | None) -> None:
        del step, n_done, total

    return export_incident(settings, Wish(alert.data.incident, folder, reads_all=True), silent)


def accept(log: KafkaLog, settings: Settings, alert: Alert) -> None:
    """As ``stream-drift incidents accept`` does."""
    writer, scanner = log.writer(), log.scanner()
    command = Command("accept", "demo", WHY, {"incident": alert.data.incident})
    try:
        send_command(writer, scanner, OwnTopics(settings.name), alert.data.monitor, command)
    finally:
        writer.close()
        scanner.close()
