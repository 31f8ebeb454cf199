"""One HTTP request with a bound on everything: no redirects, no retries, no hidden state.

The standard library's client is used because no other one bounds the time of a whole exchange: a
receiver that sends a byte now and then would hold the caller for ever.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

from stream_drift.runtime.notify.channel import Delivered, Outcome, Refused, Retry

CONNECT_SECONDS = 5.0
WHOLE_SECONDS = 15.0
GRACE_SECONDS = 0.2
"""Silence ends a bit before the whole exchange does, so that it is always told in one way."""
MOST_ANSWER_BYTES = 65_536
WRONG_MESSAGE = frozenset({400, 413, 415, 422})
"""The receiver dislikes this message; any other refusal is one of address or credentials."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go. The path and the query may be secrets, so only ``host`` is ever shown.

    Attributes
    ----------
    authorities
        Certificates (PEM) to trust besides the system's.
    """

    url: str = field(repr=False)
    authorities: str | None = field(default=None, repr=False)
    whole_seconds: float = WHOLE_SECONDS

    @property
    def host(self) -> str:
        """Fit for logs."""
        return urlsplit(self.url).hostname or ""

    def at(self, path: str) -> Endpoint:
        """The same place with ``path`` added."""
        return Endpoint(self.url.rstrip("/") + path, self.authorities, self.whole_seconds)

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer | Retry:
        """Send and read the answer; a `Retry` where there is none in time."""
        try:
            return self._exchange(body, headers)
        except ssl.SSLCertVerificationError as error:
            return Retry(f"{self.host}: its certificate is not trusted: {error.verify_message}")
        except TimeoutError:
            return Retry(f"{self.host} does not answer in time")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Retry(f"{self.host}: no answer ({type(error).__name__})")

    def _exchange(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(self.url)
        is_tls = parts.scheme == "https"
        port = parts.port or (443 if is_tls else 80)
        connection = http.client.HTTPConnection(self.host, port)
        sock = socket.create_connection((self.host, port), CONNECT_SECONDS)
        sock.settimeout(self.whole_seconds)
        if is_tls:
            sock = self._context().wrap_socket(
                sock, server_hostname=self.host, do_handshake_on_connect=False
            )
        connection.sock = sock
        cut = threading.Timer(self.whole_seconds + GRACE_SECONDS, _cut, [sock])
        cut.daemon = True
        cut.start()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with closing(connection):
            try:
                if isinstance(sock, ssl.SSLSocket):
                    sock.do_handshake()
                connection.request("POST", path, body, {**headers, "Connection": "close"})
                return _read(connection.getresponse())
            finally:
                cut.cancel()

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.authorities is not None:
            context.load_verify_locations(cadata=self.authorities)
        return context


def _cut(sock: socket.socket) -> None:
    """Wake whoever reads from it, from another thread."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return


def _read(response: http.client.HTTPResponse) -> Answer:
    names = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, names, response.read(MOST_ANSWER_BYTES))


def judge(host: str, answer: Answer | Retry) -> Outcome:
    """What an answer means for the message.

    Redirects are not followed: they could lead a message, and its secret, anywhere.
    """
    if isinstance(answer, Retry):
        return answer
    status = answer.status
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's own classes
        return Delivered()
    if status in WRONG_MESSAGE:
        return Refused(f"{host} refuses the message: HTTP {status}")
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own classes
        return Retry(f"{host} redirects (HTTP {status}): configure the address it points to")
    return Retry(f"{host} answers HTTP {status}", retry_after(answer.headers))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that the receiver asks for; a date is left out of account."""
    text = headers.get("retry-after", "").strip()
    return float(text) if text.isdecimal() else None


def post_json(
    endpoint: Endpoint, content: object, headers: Mapping[str, str] | None = None
) -> Outcome:
    """Send an object as JSON and judge the answer."""
    body = msgspec.json.encode(content)
    sent = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    return judge(endpoint.host, endpoint.post(body, sent))
