"""The demo from start to end: broker, reference, stream, drift, incident, last screen."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from rich.console import Console
from rich.panel import Panel

from stream_drift.config.load import load_settings
from stream_drift.config.settings import Settings, mapping_of
from stream_drift.demo.action import WHY, accept, export, newest_alerts
from stream_drift.demo.config import INPUT_TOPIC, MONITOR, config_text
from stream_drift.demo.loans import DRIFTING_FEATURE, LoanModel
from stream_drift.demo.producer import CLEAN_PANES, DRIFTED_PANES, PANE_MS, DemoProducer
from stream_drift.demo.screen import Screen
from stream_drift.engine.effects import PaneClosed, PaneMatured
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping
from stream_drift.events.record import RecordBatch
from stream_drift.incidents.alert import Alert, iso, structured_json
from stream_drift.incidents.message import message_of
from stream_drift.kafka.admin import TopicSpec
from stream_drift.kafka.connection import KafkaLog
from stream_drift.kafka.embedded import EmbeddedBroker
from stream_drift.kafka.history_producer import HistoryProducer
from stream_drift.kafka.topics import create_topics
from stream_drift.process import Process, RunOptions
from stream_drift.reference.build import Reference, build_reference
from stream_drift.runtime import clock
from stream_drift.runtime.reference_file import write_reference

TIMEOUT_SECONDS = 75.0
N_PARTITIONS = 4
SHOWN_PANES = 12
"""Drifted panes that are shown in any case, so that one sees the scores rise."""
QUIET_PANES = 6
TICK_MS = 500
REFRESH_SECONDS = 0.2


@dataclass(slots=True)
class Watched:
    """What the process tells the demo of its panes; written by another thread."""

    panes: int = 0
    latest: PaneClosed | None = None
    fresh: list[PaneClosed] = field(default_factory=list)

    def on_pane(self, monitor: str, pane: PaneClosed | PaneMatured) -> None:
        """Take a closed pane; no label ever comes."""
        del monitor
        if isinstance(pane, PaneMatured):
            return
        self.panes += 1
        self.latest = pane
        self.fresh.append(pane)


def tell(console: Console, *, serve: bool) -> bool:
    """Play the demo; with ``serve`` go on until interrupted.

    Returns
    -------
    bool
        Whether the drift was found on the right feature.
    """
    with EmbeddedBroker() as broker, tempfile.TemporaryDirectory() as folder:
        console.print("stream-drift demo: an embedded broker, a loan-approval model, one drift.")
        settings = _settings(Path(folder), broker.bootstrap)
        model = LoanModel()
        reference = _reference(settings, model)
        write_reference(settings.monitors[0].reference, reference)
        console.print(f"reference: {reference.n:,} applications, id {reference.id}")
        return _stream(console, settings, model, serve=serve)


def _settings(folder: Path, bootstrap: str) -> Settings:
    path = folder / "stream-drift.yaml"
    path.write_text(config_text(bootstrap, 0), encoding="utf-8")
    return load_settings(path)


def _reference(settings: Settings, model: LoanModel) -> Reference:
    monitor = settings.monitors[0]
    watched = mapping_of(monitor, monitor.inputs[0])
    mapping = EventMapping(watched.numbers, watched.categories)
    values = list(model.reference_events())
    now_ms = clock.now_ms()
    batch = RecordBatch(np.arange(len(values)), np.full(len(values), now_ms), values, len(values))
    columns = Decoder(mapping).decode(batch)
    return build_reference(
        mapping, [columns], pane_ms=monitor.pane_ms, created_at=iso(now_ms // 1000 * 1000)
    )


def _stream(console: Console, settings: Settings, model: LoanModel, *, serve: bool) -> bool:
    log = KafkaLog(settings.kafka, settings.name, clock.now_ms)
    create_topics(log.admin, settings.name, N_PARTITIONS)
    log.admin.create([TopicSpec(INPUT_TOPIC, N_PARTITIONS)])
    watched = Watched()
    process = Process(settings, RunOptions(tick_ms=TICK_MS, checkpoint_ms=5_000), watched.on_pane)
    history = (CLEAN_PANES + DRIFTED_PANES) * PANE_MS
    start_ms = (clock.now_ms() - history) // PANE_MS * PANE_MS
    source = HistoryProducer(settings.kafka, N_PARTITIONS)
    producer = DemoProducer(source, model, start_ms, endless=serve)
    url: list[str] = []

    def on_serving(port: int) -> None:
        url.append(f"http://{settings.http.address}:{port}")

    thread = threading.Thread(target=process.run, args=(on_serving,), name="demo-process")
    thread.start()
    end = producer.start()
    try:
        found = _watch(console, producer, watched, lambda: newest_alerts(log, settings))
        if found is not None:
            _act(console, log, settings, found, watched)
        _last_screen(console, found, producer, url[0] if url else "", serve=serve)
        if serve:
            _serve(thread)
        return found is not None and _blames(found, DRIFTING_FEATURE)
    finally:
        end()
        process.service.stop()
        thread.join()
        log.close()


def _serve(thread: threading.Thread) -> None:
    try:
        while thread.is_alive():
            thread.join(1.0)
    except KeyboardInterrupt:
        return


def _blames(alert: Alert, feature: str) -> bool:
    return feature in [guilty.name for guilty in alert.data.features]


def _watch(
    console: Console, producer: DemoProducer, watched: Watched, alerts: Callable[[], list[Alert]]
) -> Alert | None:
    """Show what happens until the incident has opened, or everything was sent and is closed."""
    found: Alert | None = None
    began = clock.monotonic_seconds()
    with Screen(console) as screen:
        announced = False
        for seconds in _beats(began):
            if producer.is_drifting and not announced:
                announced = True
                screen.note(
                    f"{iso(producer.drift_starts_ms)}: drift injected, "
                    "a student plan brings younger applicants"
                )
            while watched.fresh:
                screen.plain(watched.fresh.pop(0))
            screen.draw(producer.n_events, producer.n_events / max(seconds, 1e-3), watched.latest)
            if announced and found is None:
                found = next(iter(alerts()), None)
                if found is not None:
                    screen.note(f"incident {found.data.incident} opened: {found.data.summary}")
            if found is not None and producer.n_panes >= CLEAN_PANES + SHOWN_PANES:
                break
    return found


def _act(
    console: Console, log: KafkaLog, settings: Settings, alert: Alert, watched: Watched
) -> None:
    """Read the incident, export its events, accept the change, and see that it is quiet."""
    console.print("\nWhat the person on call reads:\n")
    console.print(message_of(alert.data).text, markup=False, highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        manifest = export(settings, alert, Path(folder))
    console.print(
        f"\n$ stream-drift export --incident {alert.data.incident[:6]} --out retrain/\n"
        f"{manifest['rows']['drifted']:,} events since {manifest['span']['start']}, to retrain on"
    )
    accept(log, settings, alert)
    console.print(f'$ stream-drift incidents accept {alert.data.incident[:6]} --why "{WHY}"')
    quiet = _quiet_panes(log, settings, alert, watched)
    console.print(f"accepted: {quiet} more panes of the new applicants, and no incident is open")


def _quiet_panes(log: KafkaLog, settings: Settings, alert: Alert, watched: Watched) -> int:
    """Panes without an open incident since the new state is normal."""
    began, accepted_at = clock.monotonic_seconds(), watched.panes
    for _ in _beats(began):
        n_open = sum(found.data.status == "open" for found in newest_alerts(log, settings))
        if n_open:
            accepted_at = watched.panes
        elif watched.panes - accepted_at >= QUIET_PANES:
            break
    return watched.panes - accepted_at


def _beats(began: float) -> Iterator[float]:
    waiting = threading.Event()
    while (seconds := clock.monotonic_seconds() - began) < TIMEOUT_SECONDS:
        yield seconds
        waiting.wait(REFRESH_SECONDS)


def _evidence(alert: Alert) -> str:
    budget = alert.data.budget
    if budget is None:
        return alert.data.policy
    return (
        f"{budget.evidence:,.0f} against {budget.threshold:,.0f}: "
        f"{budget.false_incidents_per_30d:g} false incident per 30 days"
    )


def _without_histograms(alert: Alert) -> str:
    event = msgspec.json.decode(structured_json(alert))
    for feature in event["data"]["features"]:
        feature["before"] = feature["after"] = "…"
    return msgspec.json.encode(event).decode()


def _last_screen(
    console: Console, alert: Alert | None, producer: DemoProducer, url: str, *, serve: bool
) -> None:
    if alert is None:
        console.print(f"no incident opened within {TIMEOUT_SECONDS:.0f} s", style="red")
        return
    console.print(
        "\nThe alert as it stands on the topic [bold]demo.alerts[/], histograms left out:"
    )
    console.print_json(_without_histograms(alert))
    blamed = ", ".join(str(feature.name) for feature in alert.data.features)
    lines = [
        f"drift injected  {iso(producer.drift_starts_ms)}  ({DRIFTING_FEATURE})",
        f"incident opened {alert.data.opened_at}  ({blamed})",
        f"severity        {alert.data.severity}",
        f"evidence        {_evidence(alert)}",
        f"monitor         {MONITOR}",
    ]
    if serve:
        lines.append(f"metrics         {url}/metrics   (Ctrl-C ends)")
    else:
        lines.append("metrics         stream-drift demo --serve   keeps /metrics open to look at")
    lines.append("next            stream-drift init --from YOUR_EVENTS.jsonl")
    console.print(Panel("\n".join(lines), title="found", expand=False))
