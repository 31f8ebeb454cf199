"""The names, keys and partitions of our own topics."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from stream_drift.windows.log import Command, Ledger, LogRecord, Lost, Progress, Snapshot


@dataclass(frozen=True, slots=True)
class OwnTopics:
    """Our own topics under one prefix."""

    prefix: str

    @property
    def profiles(self) -> str:
        """Snapshots, ledgers, progress, commands."""
        return f"{self.prefix}.profiles"

    @property
    def state(self) -> str:
        """Checkpoints and closed panes."""
        return f"{self.prefix}.state"

    @property
    def alerts(self) -> str:
        """CloudEvents about incidents."""
        return f"{self.prefix}.alerts"

    @property
    def rejects(self) -> str:
        """Copies of records that could not be used."""
        return f"{self.prefix}.rejects"


def partition_of(monitor: str, n_partitions: int) -> int:
    """All records of a monitor lie in this partition of each of our topics."""
    return zlib.crc32(monitor.encode()) % n_partitions


def log_key(monitor: str, record: LogRecord) -> bytes:
    """Monitor, input partition, block and pane: equal keys hold equal or newer content."""
    if isinstance(record, Command):
        return f"{monitor}/command/{record.action}".encode()
    where = f"{monitor}/{record.partition.topic}:{record.partition.number}"
    match record:
        case Snapshot():
            text = f"{where}/{record.block_start}/{record.pane_start_ms}"
        case Ledger():
            text = f"{where}/{record.block_start}/ledger"
        case Lost():
            text = f"{where}/{record.start}/lost"
        case Progress():
            text = f"{where}/progress"
    return text.encode()


def monitor_of(key: bytes | None) -> str:
    """Whose record this is, from its key in any of our topics; monitor names hold no slash."""
    return (key or b"").split(b"/", 1)[0].decode("utf-8", "replace")
