"""``stream-drift run``: the service."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from stream_drift.cli.options import config_option
from stream_drift.config.load import load_settings
from stream_drift.process import ROLES, Process, RunOptions
from stream_drift.runtime.logs import configure, get_logger


@click.command()
@config_option
@click.option(
    "--role",
    "roles",
    type=click.Choice(ROLES),
    multiple=True,
    help="Run only this role; may be given again. Default: all roles in one process.",
)
@click.option(
    "--scores",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Append every published score to this file, one JSON object per line.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="The least severe log lines that are written (to stderr).",
)
def run(config: Path, roles: tuple[str, ...], scores: Path | None, log_level: str) -> None:
    """Run the monitor until SIGTERM or SIGINT; SIGHUP reads the configuration again.

    Reads the input topics, publishes scores on /metrics and incidents on the alerts topic.
    Run it as often as you like: processes share the work through Kafka's consumer groups.
    """
    configure(sys.stderr, log_level.upper())
    log = get_logger("stream_drift.run")
    settings = load_settings(config)
    process = Process(settings, RunOptions(roles or ROLES, scores))
    process.service.watch_signals()

    def on_serving(port: int) -> None:
        log.info(
            "serving",
            metrics=f"http://{settings.http.address}:{port}/metrics",
            monitors=[monitor.name for monitor in settings.monitors],
        )

    process.run(on_serving)
    log.info("stopped")
