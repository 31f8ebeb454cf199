"""What an incident is about, as events to build a reference from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from stream_drift.config.settings import MonitorSettings, Settings
from stream_drift.errors import UsageError
from stream_drift.past.folder import EVENTS
from stream_drift.past.incident import Wish, export_incident
from stream_drift.past.source import Source, file_source
from stream_drift.runtime.replay import Tell


def window_source(
    settings: Settings, monitor: MonitorSettings, incident: str, tell: Tell
) -> Source:
    """The events that an incident is about, from its onset to its last word."""
    with TemporaryDirectory() as folder:
        manifest = export_incident(settings, Wish(incident, Path(folder)), tell)
        if manifest["monitor"] != monitor.name:
            message = f"that incident is of monitor {manifest['monitor']!r}, not {monitor.name!r}"
            raise UsageError(message)
        source = file_source(monitor, Path(folder) / EVENTS)
        return replace(source, name=f"incident {manifest['incident']}", batches=[*source.batches])
