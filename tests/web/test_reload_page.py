"""``POST /-/reload``: who may ask, and what is answered."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from stream_drift.web.exposition import Exposition
from stream_drift.web.reload_page import reload_page
from stream_drift.web.server import WebServer


class Healthy:
    def alive_problems(self) -> list[str]:
        return []

    def ready_problems(self) -> list[str]:
        return []


@dataclass
class Asked:
    """Counts reloads; what is to come of them, and who may ask, are its own."""

    outcome: str = "reloaded"
    allowed: str = "loopback"
    times: list[None] = field(default_factory=list)

    def reload(self) -> str:
        self.times.append(None)
        return self.outcome


@contextmanager
def serving(asked: Asked) -> Iterator[http.client.HTTPConnection]:
    page = reload_page(asked.reload, lambda: asked.allowed)
    server = WebServer("127.0.0.1", 0, Exposition([], 1), Healthy(), {"/-/reload": page})
    connection = http.client.HTTPConnection("127.0.0.1", server.start(), timeout=10)
    try:
        yield connection
    finally:
        connection.close()
        server.stop()


def post(
    connection: http.client.HTTPConnection, method: str = "POST", **headers: str
) -> tuple[int, str]:
    connection.request(method, "/-/reload", headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.mark.parametrize(
    ("outcome", "status", "said"),
    [("reloaded", 200, "built anew"), ("unchanged", 200, "nothing"), ("failed", 500, "the log")],
)
def test_what_came_of_it_is_answered(outcome: str, status: int, said: str) -> None:
    with serving(Asked(outcome)) as connection:
        found, text = post(connection)
    assert found == status
    assert said in text


@pytest.mark.parametrize(
    ("allowed", "status"), [("loopback", 200), ("anyone", 200), ("nobody", 403)]
)
def test_only_who_may_ask_is_obeyed(allowed: str, status: int) -> None:
    asked = Asked(allowed=allowed)
    with serving(asked) as connection:
        assert post(connection)[0] == status
    assert len(asked.times) == (status == 200)


def test_others_than_this_machine_are_refused() -> None:
    asked = Asked()
    page = reload_page(asked.reload, lambda: "loopback")
    assert page({"REMOTE_ADDR": "192.0.2.7"})[0].startswith("403")
    assert asked.times == []


def test_a_web_page_in_a_browser_is_refused() -> None:
    asked = Asked(allowed="anyone")
    with serving(asked) as connection:
        assert post(connection, Origin="https://example.org")[0] == 403
    assert asked.times == []


def test_looking_changes_nothing() -> None:
    asked = Asked()
    with serving(asked) as connection:
        assert post(connection, "GET") == (405, "only POST\n")
    assert asked.times == []
