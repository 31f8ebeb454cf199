"""``stream-drift health``: whether the service beside this command is well."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

import click

PORT_VARIABLE = "STREAMDRIFT__HTTP__PORT"
DEFAULT_PORT = "9464"


def _default_url() -> str:
    return f"http://127.0.0.1:{os.environ.get(PORT_VARIABLE, DEFAULT_PORT)}"


@click.command()
@click.option(
    "--url",
    default=_default_url,
    show_default=f"this machine, ${PORT_VARIABLE} or {DEFAULT_PORT}",
    help="Where it serves its metrics, without a path.",
)
@click.option("--ready", is_flag=True, help="Ask whether it does all of its work, not only lives.")
@click.option("--timeout", default=5.0, show_default=True, help="Seconds to wait for an answer.")
def health(url: str, timeout: float, *, ready: bool) -> None:
    """Ask a running service whether it is well; exit code 0 if it is, else 1.

    Made for health checks of containers: needs no configuration and starts quickly.
    """
    path = "/-/ready" if ready else "/-/healthy"
    if not url.startswith(("http://", "https://")):
        message = "give an address that begins with http:// or https://"
        raise click.BadParameter(message, param_hint="--url")
    try:
        with urllib.request.urlopen(url.rstrip("/") + path, timeout=timeout) as page:  # noqa: S310  # checked above
            click.echo(page.read().decode().strip())
    except urllib.error.HTTPError as refusal:
        with refusal:
            click.echo(refusal.read().decode().strip(), err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"nobody answers at {url}: {error}", err=True)
        sys.exit(1)
