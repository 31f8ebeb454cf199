"""``stream-drift top``: a running service, live in the terminal."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live

from stream_drift.cli.options import config_option
from stream_drift.cli.tables import print_result
from stream_drift.cli.top_view import Monitor, monitor_table, read_scrape
from stream_drift.config.load import load_settings
from stream_drift.errors import UsageError
from stream_drift.runtime import clock

ANSWER_SECONDS = 5.0
ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  # compared with, not listened on


@click.command()
@config_option
@click.option("--url", help="Where its metrics are, if not where the configuration says.")
@click.option("--window", help="Whose scores to show; default: the first one configured.")
@click.option("--every", default=2.0, show_default=True, help="Seconds between looks.")
@click.option("--features", default=15, show_default=True, help="Features shown per monitor.")
@click.option("--once", is_flag=True, help="Look once and end.")
def top(
    config: Path, url: str | None, window: str | None, every: float, features: int, *, once: bool
) -> None:
    """Watch a running service: its monitors, and the features nearest to an incident."""
    address, shown = url, window
    if address is None or shown is None:
        settings = load_settings(config)
        host = "127.0.0.1" if settings.http.address in ANYWHERE else settings.http.address
        address = address or f"http://{host}:{settings.http.port}/metrics"
        windows = [each.name for each in settings.monitors[0].windows]
        shown = shown or (windows[0] if windows else "pane")
    if once:
        print_result(_page(_look(address, shown), {}, 0.0, features))
        return
    _watch(address, shown, every, features)


def _watch(address: str, window: str, every: float, features: int) -> None:
    before: Mapping[str, Monitor] = {}
    before_at = clock.monotonic_seconds()
    with Live(console=Console(), screen=True, auto_refresh=False) as live:
        while True:
            found, found_at = _look(address, window), clock.monotonic_seconds()
            live.update(_page(found, before, found_at - before_at, features), refresh=True)
            before, before_at = found, found_at
            time.sleep(every)


def _look(address: str, window: str) -> dict[str, Monitor]:
    if not address.startswith(("http://", "https://")):
        message = f"--url must begin with http:// or https://, not {address!r}"
        raise UsageError(message)
    try:
        with urllib.request.urlopen(address, timeout=ANSWER_SECONDS) as page:  # noqa: S310
            return read_scrape(page.read().decode(), window)
    except (urllib.error.URLError, TimeoutError, ValueError) as error:
        reason = getattr(error, "reason", error)
        message = f"{address} does not answer ({reason}): is `stream-drift run` running?"
        raise UsageError(message) from error


def _page(
    monitors: Mapping[str, Monitor], before: Mapping[str, Monitor], seconds: float, features: int
) -> RenderableType:
    if not monitors:
        return "no monitor has metrics yet: the first appear when the service is ready"
    now_seconds = clock.now_ms() / 1000
    return Group(
        *(
            monitor_table(monitor, before.get(name), seconds, now_seconds, features)
            for name, monitor in sorted(monitors.items())
        )
    )
