"""A running process: the roles, their health and their metrics, built from a configuration."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from stream_drift import __version__
from stream_drift.app import Monitor, detector_factory, load_monitor, profiler_settings
from stream_drift.config.load import load_settings
from stream_drift.config.settings import Settings
from stream_drift.engine.effects import PaneClosed, PaneMatured
from stream_drift.engine.profiler import ProfilerSettings
from stream_drift.errors import BrokerError, ConfigError
from stream_drift.kafka.connection import KafkaLog
from stream_drift.kafka.version import client_version
from stream_drift.metrics import BUILD_INFO, PARTITIONS_ASSIGNED, REBALANCES, Sample
from stream_drift.notifying import notify_role
from stream_drift.runtime import clock
from stream_drift.runtime.detect_role import DetectRole, DetectRoleSettings
from stream_drift.runtime.health import Health
from stream_drift.runtime.live_detector import PaneSink
from stream_drift.runtime.notify.courier import Tally
from stream_drift.runtime.notify_role import NotifyRole
from stream_drift.runtime.profile_role import ProfileRole, ProfileRoleSettings
from stream_drift.runtime.reload import Reloader
from stream_drift.runtime.role_samples import detect_samples, notify_samples, profile_samples
from stream_drift.runtime.runner import Role, Runner
from stream_drift.runtime.score_file import ScoreFile
from stream_drift.runtime.service import Service
from stream_drift.runtime.watchdog import Watchdog
from stream_drift.web.exposition import Exposition
from stream_drift.web.reload_page import reload_page
from stream_drift.web.server import WebServer

ROLES = ("profile", "detect", "notify")
"""`notify` is a runner for each channel, and nothing where there are none."""

_log = structlog.get_logger("stream_drift.process")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How one process runs.

    Attributes
    ----------
    roles
        Which of `ROLES`.
    scores
        A file to which every published score is appended as a JSON line.
    tick_ms, checkpoint_ms
        How often progress is reported and state is kept.
    """

    roles: Sequence[str] = ROLES
    scores: Path | None = None
    tick_ms: int = 5_000
    checkpoint_ms: int = 60_000


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What roles are built from; a reload replaces it as a whole."""

    settings: Settings
    monitors: tuple[Monitor, ...]
    log: KafkaLog

    @property
    def reference_ids(self) -> list[str]:
        return [monitor.reference.id for monitor in self.monitors]


class Process:
    """The roles of one process, its health and its metrics; `run` blocks until it is told to stop.

    ``on_pane`` is told of every closed pane, from the detect role's thread.

    Raises
    ------
    StreamDriftError
        Where the configuration, a reference or the client settings cannot be used.
    """

    def __init__(
        self, settings: Settings, options: RunOptions, on_pane: PaneSink | None = None
    ) -> None:
        self._options = options
        self._watchdog = Watchdog()
        self._loaded = self._load(settings, self._new_log(settings))
        self._score_file = ScoreFile(options.scores)
        self._pane_sinks = [self._score_file.write, *([on_pane] if on_pane else [])]
        builders: dict[str, Callable[[], Role]] = {
            "profile": self._profile_role,
            "detect": self._detect_role,
        }
        self.reloader = Reloader(self._take_up, clock.now_ms)
        self.service = Service([], self.reloader.reload)
        if tuple(options.roles) == ("notify",) and not settings.channels:
            message = f"{settings.path} has no channels: the role notify has nothing to do"
            raise ConfigError(message)
        self._told: dict[str, Tally] = {}
        for channel in settings.channels if "notify" in options.roles else ():
            builders[f"notify {channel.name}"] = partial(self._notify_role, channel.name)
            self._told[channel.name] = Tally()
        self.service.runners = [
            Runner(name, build, self.service.stop)
            for name, build in builders.items()
            if name.split()[0] in options.roles
        ]
        self.health = Health()
        for runner in self.service.runners:
            self.health.add(runner.name, runner.alive_problem, runner.ready_problem)
        http = settings.http
        sources = [self._profiled, self._detected, self._notified, self._build_info]
        self._exposition = Exposition(
            [*sources, self.health.samples, self.reloader.samples], http.max_features
        )
        page = reload_page(self.reloader.reload, lambda: self.settings.http.reload)
        self._web = WebServer(
            http.address, http.port, self._exposition, self.health, {"/-/reload": page}
        )

    @property
    def settings(self) -> Settings:
        """The configuration in force."""
        return self._loaded.settings

    def run(self, on_serving: Callable[[int], None]) -> None:
        """Serve until stopped; ``on_serving`` is told the HTTP port."""
        on_serving(self._web.start())
        self._watchdog.start()
        try:
            self.service.run()
        finally:
            self._web.stop()
            self._watchdog.stop()
            self._loaded.log.close()
            self._score_file.close()

    def _new_log(self, settings: Settings) -> KafkaLog:
        return KafkaLog(settings.kafka, settings.name, clock.now_ms, self._watchdog.guard)

    def _load(self, settings: Settings, log: KafkaLog) -> _Loaded:
        return _Loaded(settings, tuple(load_monitor(each) for each in settings.monitors), log)

    def _take_up(self) -> bool:
        """Load everything again and have the roles built from it; False where nothing changed.

        The clients of before are freed with the last role that uses them.
        """
        former = self._loaded
        settings = load_settings(former.settings.path)
        same_clients = (settings.kafka, settings.name) == (
            former.settings.kafka,
            former.settings.name,
        )
        loaded = self._load(settings, former.log if same_clients else self._new_log(settings))
        if settings == former.settings and loaded.reference_ids == former.reference_ids:
            return False
        self._prove_history(loaded)
        _tell_what_stays(former.settings, settings)
        self._loaded = loaded
        self._exposition.max_features = settings.http.max_features
        for runner in self.service.runners:
            runner.renew()
        return True

    def _prove_history(self, loaded: _Loaded) -> None:
        """Fail now where a detector could not be made of a history file."""
        for monitor in loaded.monitors if "detect" in self._options.roles else ():
            if monitor.settings.detection.learning.history:
                detector_factory(loaded.settings, monitor)

    def _profile_role(self) -> ProfileRole:
        loaded = self._loaded
        inputs: dict[str, dict[str, ProfilerSettings]] = {}
        for monitor in loaded.monitors:
            for source in monitor.read_inputs:
                mine = inputs.setdefault(source.topic, {})
                mine[monitor.settings.name] = profiler_settings(monitor, source)
        name = loaded.settings.name
        wanted = ProfileRoleSettings(name, inputs, self._options.tick_ms)
        reader = loaded.log.reader(f"{name}.profile", with_keys=True)
        return ProfileRole(wanted, reader, loaded.log.writer(), clock.now_ms)

    def _detect_role(self) -> DetectRole:
        loaded = self._loaded
        name = loaded.settings.name
        detectors = {
            monitor.settings.name: detector_factory(loaded.settings, monitor)
            for monitor in loaded.monitors
        }
        wanted = DetectRoleSettings(name, detectors, self._options.checkpoint_ms)
        return DetectRole(
            wanted,
            loaded.log.reader(f"{name}.detect", with_keys=True),
            loaded.log.writer(),
            loaded.log.scanner(),
            clock.now_ms,
            self._on_pane,
        )

    def _notify_role(self, name: str) -> Role:
        loaded = self._loaded
        for channel in loaded.settings.channels:
            if channel.name == name:
                return notify_role(loaded.settings.name, channel, loaded.log, self._told[name])
        message = f"channel {name!r} is no longer configured: start the process again"
        raise BrokerError(message)

    def _notified(self) -> Iterable[Sample]:
        for name, tally in self._told.items():
            yield from notify_samples(name, tally)
        for runner in self.service.runners:
            if isinstance(role := runner.role, NotifyRole):
                yield PARTITIONS_ASSIGNED, (runner.name,), role.n_partitions
                yield REBALANCES, (runner.name,), role.n_rebalances

    def _on_pane(self, monitor: str, pane: PaneClosed | PaneMatured) -> None:
        for sink in self._pane_sinks:
            sink(monitor, pane)

    def _profiled(self) -> Iterable[Sample]:
        for runner in self.service.runners:
            if isinstance(role := runner.role, ProfileRole):
                yield from profile_samples(role)

    def _detected(self) -> Iterable[Sample]:
        for runner in self.service.runners:
            if isinstance(role := runner.role, DetectRole):
                yield from detect_samples(role)

    def _build_info(self) -> Iterable[Sample]:
        yield BUILD_INFO, (__version__, platform.python_version(), client_version()), 1


def _tell_what_stays(former: Settings, settings: Settings) -> None:
    """Warn of what only a new process can change."""
    if {each.name for each in former.channels} != {each.name for each in settings.channels}:
        _log.warning("channels come and go when the process is started again")
    listens = former.http.address, former.http.port
    if listens != (settings.http.address, settings.http.port):
        _log.warning(
            "http.address and http.port stay as they are until the process is started again",
            address=listens[0],
            port=listens[1],
        )
