"""A configured monitor run over files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stream_drift.app import Monitor, profiler_settings
from stream_drift.config.settings import mapping_of
from stream_drift.engine.detector import Detector
from stream_drift.runtime.replay import MonitorReplay, ReplayInput


def replay_of(monitor: Monitor, detector: Detector, files: Mapping[str, Path]) -> MonitorReplay:
    """Each file stands for one topic."""
    inputs = [
        ReplayInput(
            source.topic,
            files[source.topic],
            mapping_of(monitor.settings, source),
            profiler_settings(monitor, source),
        )
        for source in monitor.read_inputs
        if source.topic in files
    ]
    return MonitorReplay(detector, inputs)
