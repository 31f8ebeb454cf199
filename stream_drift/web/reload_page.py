"""``POST /-/reload``: asks the process to take up its configuration again."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from wsgiref.types import WSGIEnvironment

from stream_drift.web.routes import PLAIN, Answer, Page

_ANSWERS = {
    "reloaded": ("200 OK", b"reloaded: the roles are built anew\n"),
    "unchanged": ("200 OK", b"nothing has changed\n"),
    "failed": (
        "500 Internal Server Error",
        b"the configuration is bad and the last good one stays; the log says why\n",
    ),
}


def reload_page(reload: Callable[[], str], allowed: Callable[[], str]) -> Page:
    """The page.

    Parameters
    ----------
    reload
        Does it, and returns one of reloaded, unchanged, failed.
    allowed
        Who may ask, now: loopback, anyone or nobody.

    Notes
    -----
    A web page that a browser on this machine has open can post here too, but not without an
    ``Origin``; so requests with one are refused. Mistakes are only in the log: their text may
    quote values.
    """

    def page(environ: WSGIEnvironment) -> Answer:
        if not _may_ask(environ, allowed()):
            return "403 Forbidden", [PLAIN], b"not from here; http.reload says from where\n"
        status, body = _ANSWERS[reload()]
        return status, [PLAIN], body

    return page


def _may_ask(environ: WSGIEnvironment, allowed: str) -> bool:
    if "HTTP_ORIGIN" in environ:
        return False
    return allowed == "anyone" or (allowed == "loopback" and _is_loopback(environ["REMOTE_ADDR"]))


def _is_loopback(address: str) -> bool:
    """Whether the peer is on this machine.

    Examples
    --------
    >>> [_is_loopback(a) for a in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1")]
    [True, True, True, False]
    """
    found = ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)
