"""A small threaded web server that no client can hold up."""

from __future__ import annotations

import errno
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from socketserver import TCPServer, ThreadingMixIn
from time import monotonic
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import WSGIApplication

import structlog

from stream_drift.errors import StreamDriftError
from stream_drift.web.exposition import Exposition
from stream_drift.web.routes import HealthSource, Page, application

REQUEST_SECONDS = 10.0
"""From the connection to the last byte of the answer; what takes longer is cut."""
MOST_CONNECTIONS = 64
"""At once; one more cuts the oldest."""
POLL_SECONDS = 0.25
"""How often the server looks whether it shall stop, and whom to cut."""

_ADVICE: Mapping[int | None, str] = {
    errno.EADDRINUSE: "another program listens there; set http.port to a free one, or to 0",
    errno.EADDRNOTAVAIL: "no such address on this machine; set http.address to one it has",
    errno.EACCES: "set http.port to one above 1023",
}
_ADVICE_ELSE = "set http.address and http.port to where this process may listen"
_logger = structlog.get_logger("stream_drift.web")


class WebServer:
    """Serves metrics, health, readiness and actions on one address until stopped."""

    def __init__(
        self,
        address: str,
        port: int,
        exposition: Exposition,
        health: HealthSource,
        actions: Mapping[str, Page] = {},
    ) -> None:
        self._address, self._port = address, port
        self._application = application(exposition, health, actions)
        self._server: _Server | None = None

    def start(self) -> int:
        """Listen, and return the port: a free one where 0 was asked for.

        Raises
        ------
        StreamDriftError
            Where it cannot listen there; the message says what to set.
        """
        try:
            self._server = _Server(self._address, self._port, self._application)
        except OSError as error:
            where = f"{self._address}, port {self._port}"
            advice = _ADVICE.get(error.errno, _ADVICE_ELSE)
            message = f"cannot serve on {where} ({error.strerror}): {advice}"
            raise StreamDriftError(message) from error
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(POLL_SECONDS,), name="web", daemon=True).start()
        return self._server.server_port

    def stop(self) -> None:
        """Stop listening and cut what is open; returns soon, and may be called twice."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()


class _Handler(WSGIRequestHandler):
    """Neither logs requests nor tells what runs underneath."""

    server_version = "stream-drift"
    sys_version = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its given name
        """Say nothing."""


class _Server(ThreadingMixIn, WSGIServer):
    """One daemon thread per connection, at most `MOST_CONNECTIONS`, each with a deadline.

    A deadline per connection and not per read: a client that sends a byte now and then would
    never miss the latter.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: str, port: int, serve: WSGIApplication) -> None:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
        self.address_family, *_, where = found[0]
        self._deadlines: dict[socket.socket, float] = {}
        self._guard = threading.Lock()
        super().__init__((str(where[0]), port), _Handler)
        self.set_app(serve)

    def server_bind(self) -> None:
        """Bind without the look-up of the own name that `HTTPServer` makes: DNS may be slow."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a new connection, if need be in place of the oldest."""
        with self._guard:
            if len(self._deadlines) >= MOST_CONNECTIONS:
                self._cut(next(iter(self._deadlines)))
            self._deadlines[request] = monotonic() + REQUEST_SECONDS
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """Cut what is past its deadline."""
        now = monotonic()
        with self._guard:
            for request in [each for each, end in self._deadlines.items() if end <= now]:
                self._cut(request)

    def _cut(self, request: socket.socket) -> None:
        """Wake the thread that reads or writes there; it then ends by itself."""
        del self._deadlines[request]
        with suppress(OSError):
            request.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        """A connection has been served."""
        with self._guard:
            self._deadlines.pop(request, None)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening and cut all connections."""
        super().server_close()
        with self._guard:
            for request in list(self._deadlines):
                self._cut(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""
        error = sys.exception()
        if not isinstance(error, OSError):
            _logger.error("request failed", exc_info=error)
