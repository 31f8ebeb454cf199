"""Ports to listen on."""

from __future__ import annotations

import itertools
import os
import socket

_FIRST, _LAST = 20_000, 32_000
_candidates = itertools.count(os.getpid() * 7)


def free_port() -> int:
    """A loopback port that nothing listens on, another one at every call.

    It lies below the ports that the system gives to outgoing connections: none of those can take
    it while a server that owns it restarts, and a client that retries cannot connect to itself.
    """
    for candidate in _candidates:
        port = _FIRST + candidate % (_LAST - _FIRST)
        if _is_free(port):
            return port
    raise AssertionError


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
