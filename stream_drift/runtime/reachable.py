"""Whether somebody listens where a channel sends to; sends nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

from stream_drift.runtime.check_line import CheckLine

PATIENCE_SECONDS = 5.0
_PORTS = {"http": 80, "https": 443}


def reach_lines(subject: str, options: Mapping[str, object]) -> Iterator[CheckLine]:
    """Try each address of a channel's options; tells hosts only, since URLs may hold secrets."""
    urls = list(dict.fromkeys(_urls(options)))
    if not urls:
        yield CheckLine(None, subject, "its settings name no address that could be tried")
    for host, port in dict.fromkeys((url.hostname, _port(url)) for url in urls):
        yield _line(subject, str(host), port)


def _line(subject: str, host: str, port: int) -> CheckLine:
    try:
        socket.create_connection((host, port), PATIENCE_SECONDS).close()
    except OSError as error:
        text = f"{host}:{port} cannot be reached ({error.strerror or error})"
        remedy = "check the channel's url, and that this machine may reach it (firewall, proxy)"
        return CheckLine(ok=False, subject=subject, text=text, remedy=remedy)
    return CheckLine(ok=True, subject=subject, text=f"{host}:{port} listens")


def _urls(value: object) -> Iterator[SplitResult]:
    match value:
        case str() if value.startswith(("http://", "https://")) and urlsplit(value).hostname:
            yield urlsplit(value)
        case Mapping():
            for each in value.values():
                yield from _urls(each)
        case list() | tuple():
            for each in value:
                yield from _urls(each)
        case _:
            return


def _port(url: SplitResult) -> int:
    return url.port or _PORTS[url.scheme]
