"""``stream-drift backtest``: what each policy costs on your own clean history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.box import SIMPLE
from rich.table import Table

from stream_drift.app import Monitor, detector_settings, load_monitor, profiler_settings
from stream_drift.cli.main import OK
from stream_drift.cli.options import config_option, output_option
from stream_drift.cli.progress import progress_bar
from stream_drift.cli.replay_files import files_by_topic
from stream_drift.cli.tables import print_result
from stream_drift.config.load import load_settings
from stream_drift.config.settings import LearningSettings, MonitorSettings, Settings, mapping_of
from stream_drift.detection.threshold_settings import ThresholdSettings
from stream_drift.incidents.alert import iso
from stream_drift.runtime import clock
from stream_drift.runtime.backtest import run_backtest
from stream_drift.runtime.backtest_report import (
    MONTH_DAYS,
    BacktestReport,
    Delays,
    PolicyResult,
    per_month,
)
from stream_drift.runtime.injection import SHIFTS
from stream_drift.runtime.replay import ReplayInput
from stream_drift.runtime.trial import BUDGET

MINUTE_MS, HOUR_MINUTES, DAY_MINUTES = 60_000, 60, 1_440
FEW_DAYS = 14
"""Test parts shorter than this say little about a rate per 30 days."""
TITLES = {
    "mean_0.1": "mean\n+0.1 sd",
    "mean_0.25": "mean\n+0.25 sd",
    "mean_0.5": "mean\n+0.5 sd",
    "variance_1.5": "variance\nx1.5",
    "share_10": "share\n+10 points",
    "missing_5": "missing\n5 %",
}


@click.command()
@config_option
@click.option(
    "--events",
    multiple=True,
    required=True,
    metavar="[TOPIC=]FILE",
    help="Clean history as JSONL, CSV (both also with .gz) or Parquet; once per input.",
)
@output_option
def backtest(config: Path, events: tuple[str, ...], *, output: str) -> int:
    """Show what the budget and each threshold would have cost on clean history.

    The first two thirds of the history teach the baseline. On the rest, incidents are counted as
    they are (false ones: the history is clean), and then again with known shifts planted into
    some features: how long until each is found.
    """
    settings = load_settings(config)
    files = files_by_topic(settings, events)
    # Shifts are planted into the counts of one feature, which say nothing of its pairs.
    monitors = [load_monitor(replace(monitor, joint=False)) for monitor in settings.monitors]
    started = clock.monotonic_seconds()
    found = {m.settings.name: _backtest(settings, m, files) for m in monitors}
    if output == "json":
        report = {
            "monitors": {
                m.settings.name: _as_json(m.settings, found[m.settings.name]) for m in monitors
            },
            "seconds": round(clock.monotonic_seconds() - started, 3),
        }
        click.echo(msgspec.json.encode(report))
    else:
        for monitor in monitors:
            _print(monitor.settings, found[monitor.settings.name])
    return OK


def _backtest(settings: Settings, monitor: Monitor, files: Mapping[str, Path]) -> BacktestReport:
    inputs = [
        ReplayInput(
            source.topic,
            files[source.topic],
            mapping_of(monitor.settings, source),
            profiler_settings(monitor, source),
        )
        for source in monitor.data_inputs
    ]
    with progress_bar(monitor.settings.name) as tell:
        wanted = detector_settings(settings, monitor)
        return run_backtest(wanted, monitor.reference, inputs, tell)


def _promise(watch: MonitorSettings, report: BacktestReport, policy: str) -> float | None:
    """Incidents per 30 days that a policy promises to keep to, if it promises anything."""
    kept = policy == BUDGET and report.stage == "armed"
    return watch.detection.false_incidents_per_30d if kept else None


def _as_json(watch: MonitorSettings, report: BacktestReport) -> dict[str, Any]:
    return {
        "events": report.events,
        "panes": report.panes,
        "learned": {
            "start": iso(report.learned.start_ms),
            "end": iso(report.learned.end_ms),
            "days": round(report.learned.days, 3),
        },
        "tested": {
            "start": iso(report.tested.start_ms),
            "end": iso(report.tested.end_ms),
            "days": round(report.tested.days, 3),
            "onset": iso(report.onset_ms),
        },
        "baseline": {
            "state": report.stage,
            "reasons": report.reasons,
            "audit_factor": round(report.audit_factor, 3),
        },
        "shifted": {"numbers": report.numbers, "categories": report.categories},
        "notes": _notes(watch, report),
        "policies": {
            policy: _policy_json(result, report, _promise(watch, report, policy))
            for policy, result in report.policies.items()
        },
    }


def _policy_json(
    result: PolicyResult, report: BacktestReport, promise: float | None
) -> dict[str, Any]:
    rate, most = per_month(result.incidents, report.tested.days)
    return {
        "false_incidents": result.incidents,
        "per_30d": round(rate, 3),
        "per_30d_at_most": round(most, 3),
        "expected_per_30d": promise,
        "delays": {
            shift: {
                "median_ms": delays.median_ms,
                "found": delays.n_found,
                "judged": len(delays.found_ms),
                "open_before": delays.open_before,
            }
            for shift, delays in result.delays.items()
        },
    }


def _notes(watch: MonitorSettings, report: BacktestReport) -> list[str]:
    """What the figures are worth."""
    notes = []
    tested = report.tested.days
    if report.stage != "armed":
        why = "; ".join(report.reasons)
        notes.append(f"the budget promises nothing here, its baseline is {report.stage}: {why}")
        if watch.detection.learning != LearningSettings():
            notes.append(
                "give more history: a baseline needs 60 hours, or 60 panes where they are longer"
            )
    else:
        notes += report.reasons
    if tested < FEW_DAYS:
        _, most = per_month(0, tested)
        notes.append(
            f"the test part has {tested:.1f} days: no incident in it rules out only rates above "
            f"{most:.1f} per {MONTH_DAYS} days (95 %)"
        )
    return notes


def _print(watch: MonitorSettings, report: BacktestReport) -> None:
    table = Table(box=SIMPLE)
    table.add_column("policy", no_wrap=True)
    for title in ("false\nincidents", "per\n30 d", "promised"):
        table.add_column(title, justify="right")
    shifts = [s.name for s in SHIFTS if any(s.name in r.delays for r in report.policies.values())]
    for shift in shifts:
        table.add_column(TITLES[shift], justify="right")
    labels = {entry.policy: _label(entry) for entry in watch.detection.thresholds}
    for policy, result in report.policies.items():
        rate, _ = per_month(result.incidents, report.tested.days)
        promise = _promise(watch, report, policy)
        table.add_row(
            labels.get(policy, policy),
            f"{result.incidents:,}",
            f"{rate:.1f}",
            "-" if promise is None else f"{promise:g}",
            *(_delay(result.delays[shift]) for shift in shifts),
        )
    shifted = ", ".join((*report.numbers, *report.categories))
    left = (report.tested.end_ms - report.onset_ms) // MINUTE_MS
    print_result(
        f"{watch.name}: {report.events:,} events; learned from {report.learned.days:.1f} days, "
        f"tried on {report.tested.days:.1f}",
        table,
        f"delays: median over {shifted}; shifts begin {iso(report.onset_ms)}, {_minutes(left)} "
        "before the end",
        *_notes(watch, report),
    )


def _label(entry: ThresholdSettings) -> str:
    sign, limit = (">", entry.above) if entry.below is None else ("<", entry.below)
    return f"{entry.score} of {entry.of} {sign} {limit:g}, {entry.window}"


def _delay(delays: Delays) -> str:
    """The median, and in how many features where it is not all."""
    judged = len(delays.found_ms)
    if not judged:
        return "open before"
    share = "" if delays.n_found == judged else f" ({delays.n_found}/{judged})"
    shown = "not found" if delays.median_ms is None else _minutes(delays.median_ms // MINUTE_MS)
    return shown + share


def _minutes(minutes: int) -> str:
    """Days and hours, hours and minutes, or minutes.

    Examples
    --------
    >>> _minutes(430), _minutes(3000), _minutes(5)
    ('7 h 10 m', '2 d 2 h', '5 m')
    """
    if minutes >= DAY_MINUTES:
        return f"{minutes // DAY_MINUTES} d {minutes % DAY_MINUTES // HOUR_MINUTES} h"
    if minutes >= HOUR_MINUTES:
        return f"{minutes // HOUR_MINUTES} h {minutes % HOUR_MINUTES} m"
    return f"{minutes} m"
