"""``stream-drift replay``: the same engine over files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec
from rich.box import SIMPLE
from rich.table import Table

from stream_drift.app import Monitor, detector_factory, load_monitor, profiler_settings
from stream_drift.cli.main import INCIDENT_FOUND, OK
from stream_drift.cli.options import config_option, output_option
from stream_drift.cli.progress import progress_bar
from stream_drift.cli.replay_files import files_by_topic
from stream_drift.cli.replay_page import Pages
from stream_drift.cli.tables import print_result, write_text
from stream_drift.config.load import load_settings
from stream_drift.config.settings import Settings, mapping_of
from stream_drift.engine.effects import PaneClosed, PaneMatured, Publish
from stream_drift.errors import UsageError
from stream_drift.incidents.alert import Alert, structured_json
from stream_drift.runtime import clock
from stream_drift.runtime.outlook_text import outlook_json, outlook_line
from stream_drift.runtime.replay import MonitorReplay, ReplayInput, Totals
from stream_drift.runtime.score_json import score_lines

MOST_REJECTED = 0.9

Lines = Callable[[Iterable[bytes]], None]

_file = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where lines of JSON go (``None``: nobody wants them), who is told what opened, the page."""

    alerts: Lines | None
    scores: Lines | None
    tell: Callable[[Iterable[Alert]], None]
    pages: Pages | None = None

    @property
    def needs_scores(self) -> bool:
        """Whether anybody looks at every score."""
        return self.scores is not None or self.pages is not None


@click.command()
@config_option
@click.option(
    "--events",
    multiple=True,
    required=True,
    metavar="[TOPIC=]FILE",
    help="JSONL, CSV (both also with .gz) or Parquet; once per input.",
)
@click.option("--in-order", is_flag=True, help="Do not sort the events by time: some may be late.")
@click.option("--alerts", type=_file, help="Write alerts here, one CloudEvent per line.")
@click.option("--scores", type=_file, help="Write scores here, one JSON object per line.")
@click.option("--html", type=_file, help="Write a page here: one file that needs no network.")
@click.option("--fail-on-incident", is_flag=True, help="Exit with 3 if there was an incident.")
@output_option
def replay(
    config: Path,
    events: tuple[str, ...],
    *,
    in_order: bool,
    alerts: Path | None,
    scores: Path | None,
    html: Path | None,
    fail_on_incident: bool,
    output: str,
) -> int:
    """Run recorded events through the monitor, without a broker.

    Scores and incidents are those that the service would have found: same engine, same ids.
    """
    settings = load_settings(config)
    files = files_by_topic(settings, events)
    monitors = [load_monitor(monitor) for monitor in settings.monitors]
    _name_unread(monitors, files)
    started = clock.monotonic_seconds()
    with ExitStack() as stack:
        opened: list[Alert] = []
        pages = None if html is None else Pages()
        outputs = Outputs(_lines_to(stack, alerts), _lines_to(stack, scores), opened.extend, pages)
        found = {
            monitor.settings.name: _replay(settings, monitor, files, outputs, in_order=in_order)
            for monitor in monitors
        }
    if html is not None and pages is not None:
        write_text(html, pages.html())
    show = _print_json if output == "json" else _print_table
    show(found, clock.monotonic_seconds() - started)
    if output == "table":
        _print_opened(opened, found)
    n_incidents = sum(totals.incidents for totals in found.values())
    return INCIDENT_FOUND if fail_on_incident and n_incidents else OK


def _name_unread(monitors: Sequence[Monitor], files: Mapping[str, Path]) -> None:
    read = {source.topic for monitor in monitors for source in monitor.read_inputs}
    for topic in sorted(files.keys() - read):
        click.echo(f"topic {topic!r} carries labels only: its file is not read", err=True)
    labels = {source.topic for monitor in monitors for source in monitor.label_inputs}
    for topic in sorted(labels - files.keys()):
        hint = f"--events {topic}=FILE"
        click.echo(f"no labels, nothing about performance: {hint} gives them", err=True)


def _replay(
    settings: Settings,
    monitor: Monitor,
    files: Mapping[str, Path],
    outputs: Outputs,
    *,
    in_order: bool,
) -> Totals:
    name = monitor.settings.name
    make = detector_factory(settings, monitor, publish_scores=outputs.needs_scores)
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
    run = MonitorReplay(make(), inputs, in_order=in_order)
    opened: list[Alert] = []
    with progress_bar(name) as tell:
        for effect in run.effects(tell):
            if outputs.pages is not None:
                outputs.pages.take(name, effect)
            match effect:
                case PaneClosed() | PaneMatured() if outputs.scores:
                    outputs.scores(score_lines(name, effect))
                case Publish(alert):
                    if alert.data.change == "opened":
                        opened.append(alert)
                    if outputs.alerts:
                        outputs.alerts([structured_json(alert)])
    outputs.tell(opened)
    _warn(name, run.totals)
    return run.totals


def _print_opened(opened: Iterable[Alert], found: Mapping[str, Totals]) -> None:
    """What opened and when, below the table that counts it, and what can be seen at all."""
    for alert in opened:
        click.echo(f"{alert.data.opened_at}  {alert.data.summary}  [{alert.data.incident}]")
    for name, totals in found.items():
        if totals.panes:
            click.echo(f"{name}: {outlook_line(totals.outlook)}")
        if totals.state == "learning":
            click.echo(
                f"{name}: still learning at the end, so only the quality of values could open an "
                "incident; `learning: none` judges by the reference at once"
            )


def _warn(name: str, totals: Totals) -> None:
    """Say on stderr what makes a quiet result worth nothing."""
    rejected = sum(totals.rejected.values())
    if not totals.events and not rejected:
        click.echo(f"{name}: the files hold no records", err=True)
    elif rejected > MOST_REJECTED * (totals.events + rejected):
        reason, n = totals.rejected.most_common(1)[0]
        click.echo(
            f"{name}: nearly everything was rejected, {n:,} times {reason}: "
            "does the configuration fit these files? `stream-drift init --from FILE` shows theirs",
            err=True,
        )


def _lines_to(stack: ExitStack, path: Path | None) -> Lines | None:
    """Writes lines to a new file that the stack closes."""
    if path is None:
        return None
    try:
        file = stack.enter_context(path.open("wb"))
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror}"
        raise UsageError(message) from error
    return lambda lines: file.writelines(line + b"\n" for line in lines)


def _print_json(found: Mapping[str, Totals], seconds: float) -> None:
    n_events = sum(totals.events for totals in found.values())
    report = {
        "monitors": {
            name: {
                "events": totals.events,
                "rejected": dict(sorted(totals.rejected.items())),
                "late": totals.late,
                "panes": totals.panes,
                "incidents": totals.incidents,
                "state": totals.state,
                "baseline": outlook_json(totals.outlook),
            }
            for name, totals in found.items()
        },
        "seconds": round(seconds, 3),
        "events_per_second": round(n_events / seconds, 1) if seconds else None,
    }
    click.echo(msgspec.json.encode(report))


def _print_table(found: Mapping[str, Totals], seconds: float) -> None:
    table = Table("monitor", box=SIMPLE)
    for column in ("events", "rejected", "late", "panes", "incidents"):
        table.add_column(column, justify="right")
    table.add_column("baseline")
    for name, totals in found.items():
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in sorted(totals.rejected.items()))
        counts = (totals.late, totals.panes, totals.incidents)
        shown = (reasons or "0", *(f"{n:,}" for n in counts), totals.state)
        table.add_row(name, f"{totals.events:,}", *shown)
    n_events = sum(totals.events for totals in found.values())
    print_result(table, f"{n_events:,} events in {seconds:.1f} s")
