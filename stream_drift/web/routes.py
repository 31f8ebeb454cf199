"""What is served at which path, as a WSGI application."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from prometheus_client import make_wsgi_app

from stream_drift import __version__
from stream_drift.web.exposition import Exposition

Headers = list[tuple[str, str]]
Answer = tuple[str, Headers, bytes]
"""Status line, headers, body."""
Page = Callable[[WSGIEnvironment], Answer]

_GET, _POST = ("GET", "HEAD"), ("POST",)
PLAIN = ("Content-Type", "text/plain; charset=utf-8")
_HTML = ("Content-Type", "text/html; charset=utf-8")
_COMMON = [
    ("Server", "stream-drift"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
]
_LINKS = {
    "/metrics": "metrics, for Prometheus",
    "/-/healthy": "whether the process is alive",
    "/-/ready": "whether it does its work",
}
_logger = structlog.get_logger("stream_drift.web")


class HealthSource(Protocol):
    """What is wrong, one line each; empty where nothing is. Called from any thread."""

    def alive_problems(self) -> Sequence[str]:
        """Reasons to restart the process."""

    def ready_problems(self) -> Sequence[str]:
        """Reasons why it does not do its work now."""


def application(
    exposition: Exposition, health: HealthSource, actions: Mapping[str, Page]
) -> WSGIApplication:
    """All pages; unknown paths give 404, other methods 405, failures 500.

    ``actions`` change something and take POST, by path; all others take GET and HEAD.
    """
    pages: dict[str, Page] = {
        "/": lambda _: ("200 OK", [_HTML], _index().encode()),
        "/metrics": _metrics(exposition),
        "/-/healthy": lambda _: _verdict("healthy", health.alive_problems()),
        "/-/ready": lambda _: _verdict("ready", health.ready_problems()),
    }

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        posted = environ["PATH_INFO"] in actions
        status, headers, body = _answer(
            actions if posted else pages, environ, _POST if posted else _GET
        )
        length = ("Content-Length", str(len(body)))
        start_response(status, [*headers, length, *_COMMON])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    return serve


def _answer(
    pages: Mapping[str, Page], environ: WSGIEnvironment, methods: tuple[str, ...]
) -> Answer:
    page = pages.get(environ["PATH_INFO"])
    if page is None:
        return "404 Not Found", [PLAIN], b"not found; / lists what is here\n"
    if environ["REQUEST_METHOD"] not in methods:
        said = f"only {' and '.join(methods)}\n".encode()
        return "405 Method Not Allowed", [("Allow", ", ".join(methods)), PLAIN], said
    try:
        return page(environ)
    except Exception:
        _logger.exception("page failed", path=environ["PATH_INFO"])
        return "500 Internal Server Error", [PLAIN], b"failed; the log says why\n"


def _metrics(exposition: Exposition) -> Page:
    """The client library's own page: it knows the formats, and which one the scraper wants."""
    served = make_wsgi_app(exposition.registry)

    def page(environ: WSGIEnvironment) -> Answer:
        started: list[tuple[str, Headers]] = []
        body = b"".join(
            served(
                {**environ, "REQUEST_METHOD": "GET"},
                lambda status, headers: started.append((status, headers)),
            )
        )
        [(status, headers)] = started
        return status, [*headers, ("Vary", "Accept, Accept-Encoding")], body

    return page


def _verdict(fine: str, problems: Sequence[str]) -> Answer:
    lines = [" ".join(problem.split()) for problem in problems]
    status = "503 Service Unavailable" if lines else "200 OK"
    return status, [PLAIN], "".join(f"{line}\n" for line in lines or [fine]).encode()


def _index() -> str:
    links = "".join(
        f'<li><a href="{path}">{path}</a>: {escape(text)}</li>\n' for path, text in _LINKS.items()
    )
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>stream-drift</title>\n'
        f"<h1>stream-drift {escape(__version__)}</h1>\n<ul>\n{links}</ul>\n</html>\n"
    )
