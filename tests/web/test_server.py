"""The web server on a real socket, with good and bad clients."""

from __future__ import annotations

import gzip
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse
from structlog.testing import capture_logs

from stream_drift import __version__
from stream_drift.errors import StreamDriftError
from stream_drift.metrics import SCORE, Sample
from stream_drift.web import server as server_module
from stream_drift.web.exposition import Exposition, Source
from stream_drift.web.server import MOST_CONNECTIONS, WebServer

HOST = "127.0.0.1"
OPENMETRICS = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}


@dataclass
class Health:
    alive: list[str] = field(default_factory=list)
    ready: list[str] = field(default_factory=list)

    def alive_problems(self) -> list[str]:
        return self.alive

    def ready_problems(self) -> list[str]:
        return self.ready


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def scores(n: int) -> list[Sample]:
    return [(SCORE, ("m", f"f{i // 10}", f"s{i % 10}", "1h"), i / 7) for i in range(n)]


@contextmanager
def serving(source: Source, health: Health | None = None) -> Iterator[int]:
    server = WebServer(HOST, 0, Exposition([source], 1_000_000), health or Health())
    port = server.start()
    try:
        yield port
    finally:
        server.stop()


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def port(health: Health) -> Iterator[int]:
    with serving(lambda: scores(3), health) as port:
        yield port


def ask(port: int, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def half_open(port: int, sent: bytes = b"GET /metr") -> socket.socket:
    client = socket.create_connection((HOST, port), timeout=20)
    client.sendall(sent)
    return client


def trickle(client: socket.socket, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        client.sendall(b"i")
        time.sleep(0.02)


def is_cut(client: socket.socket) -> bool:
    try:
        while client.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def request_threads() -> int:
    return sum("process_request_thread" in thread.name for thread in threading.enumerate())


# Pages -------------------------------------------------------------------------------------------


def test_metrics_come_as_text_by_default(port: int) -> None:
    answer = ask(port, "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "Content-Encoding" not in answer.headers
    found = {family.name: family for family in parse(answer.body.decode())}
    assert [sample.value for sample in found[SCORE.name].samples] == [0, 1 / 7, 2 / 7]


def test_metrics_come_as_openmetrics_where_wanted(port: int) -> None:
    answer = ask(port, "/metrics", headers=OPENMETRICS)
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    families = parse_openmetrics(answer.body.decode())  # type: ignore[no-untyped-call]  # the library's lack
    assert SCORE.name in {family.name for family in families}


def test_metrics_come_zipped_where_wanted(port: int) -> None:
    answer = ask(port, "/metrics", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert SCORE.name.encode() in gzip.decompress(answer.body)


def test_metrics_can_be_asked_for_by_name(port: int) -> None:
    answer = ask(port, f"/metrics?name[]={SCORE.name}")
    assert [family.name for family in parse(answer.body.decode())] == [SCORE.name]


@pytest.mark.parametrize("path", ["/-/healthy", "/-/ready"])
def test_health_is_one_word(port: int, path: str) -> None:
    answer = ask(port, path)
    assert (answer.status, answer.body) == (200, f"{path[3:]}\n".encode())


def test_problems_are_told_one_a_line(port: int, health: Health) -> None:
    health.ready += ["profile: joining\nthe group", "detect: behind"]
    answer = ask(port, "/-/ready")
    assert (answer.status, answer.body) == (503, b"profile: joining the group\ndetect: behind\n")
    assert ask(port, "/-/healthy").status == 200
    health.alive += ["detect: stuck"]
    assert ask(port, "/-/healthy").status == 503
    health.ready.clear()
    assert ask(port, "/-/ready").status == 200


def test_front_page_leads_to_all_others(port: int) -> None:
    answer = ask(port, "/")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert __version__ in answer.body.decode()
    for path in ("/metrics", "/-/healthy", "/-/ready"):
        assert f'href="{path}"' in answer.body.decode()


@pytest.mark.parametrize("path", ["/", "/metrics", "/-/healthy", "/-/ready", "/nowhere"])
def test_head_is_get_without_the_body(port: int, path: str) -> None:
    got, head = ask(port, path), ask(port, path, "HEAD")
    assert (head.status, head.body) == (got.status, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert int(head.headers["Content-Length"]) > 0


def test_head_puts_no_byte_after_the_headers(port: int) -> None:
    with half_open(port, b"HEAD /metrics HTTP/1.0\r\n\r\n") as client:
        answer = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("path", ["/nowhere", "/metrics/", "/-/", "/favicon.ico"])
def test_other_paths_are_not_found(port: int, path: str) -> None:
    assert ask(port, path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(port: int, method: str) -> None:
    answer = ask(port, "/metrics", method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_reload_that_is_not_offered_is_not_found(port: int) -> None:
    assert ask(port, "/-/reload", "POST").status == 404


def test_page_that_fails_tells_nothing_but_that() -> None:
    class Broken(Health):
        def alive_problems(self) -> list[str]:
            message = "hunter2"
            raise RuntimeError(message)

    with serving(list, Broken()) as port, capture_logs() as logs:
        answer = ask(port, "/-/healthy")
        assert ask(port, "/metrics").status == 200
    assert (answer.status, answer.body) == (500, b"failed; the log says why\n")
    assert [log["event"] for log in logs] == ["page failed"]


def test_answer_tells_nothing_of_what_runs_underneath(port: int) -> None:
    with half_open(port, b"nonsense\r\n\r\n") as client:
        refused = client.recv(1 << 16)
    for told in (str(ask(port, "/").headers), refused.decode()):
        assert "Python" not in told
        assert "WSGI" not in told


# Load --------------------------------------------------------------------------------------------


def test_ten_thousand_series_take_less_than_a_second() -> None:
    seconds = []
    with serving(lambda: scores(10_000)) as port:
        for _ in range(3):  # other programs may have held the machine during one of them
            start = time.perf_counter()
            answer = ask(port, "/metrics", headers=OPENMETRICS | {"Accept-Encoding": "gzip"})
            seconds.append(time.perf_counter() - start)
            assert gzip.decompress(answer.body).count(b"\nstreamdrift_score{") == 10_000
    assert min(seconds) < 1


def test_scrapes_at_the_same_time_are_all_complete() -> None:
    with serving(lambda: scores(500)) as port, ThreadPoolExecutor(20) as clients:
        answers = list(clients.map(lambda _: ask(port, "/metrics"), range(60)))
    assert {answer.status for answer in answers} == {200}
    assert {answer.body.count(b"\nstreamdrift_score{") for answer in answers} == {500}


# Bad clients -------------------------------------------------------------------------------------


def test_more_half_open_clients_than_there_is_room_for_hold_up_nobody(port: int) -> None:
    n_threads = request_threads()
    with ExitStack() as open_clients:
        clients = [open_clients.enter_context(half_open(port)) for _ in range(3 * MOST_CONNECTIONS)]
        start = time.perf_counter()
        assert ask(port, "/metrics").status == 200
        assert ask(port, "/-/healthy").status == 200
        assert time.perf_counter() - start < 5
        assert all(is_cut(client) for client in clients[: 2 * MOST_CONNECTIONS])
        wait_until(lambda: request_threads() - n_threads <= MOST_CONNECTIONS)


def test_client_that_trickles_its_request_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "REQUEST_SECONDS", 0.3)
    with serving(list) as port, half_open(port) as client, pytest.raises(ConnectionError):
        trickle(client, 20)


def test_client_that_does_not_read_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "REQUEST_SECONDS", 0.5)
    large = scores(100_000)
    n_threads = request_threads()
    with serving(lambda: large) as port, half_open(port, b"GET /metrics HTTP/1.0\r\n\r\n"):
        wait_until(lambda: request_threads() > n_threads)
        wait_until(lambda: request_threads() == n_threads)


def test_clients_that_leave_leave_no_trace(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    with capture_logs() as logs:
        for sent in (b"", b"GET", b"GET /metrics HTTP/1.1\r\nHost: x\r\n", b"\xff\x00\r\n\r\n"):
            half_open(port, sent).close()
        for _ in range(5):
            half_open(port, b"GET /metrics HTTP/1.0\r\n\r\n").close()
        assert ask(port, "/-/healthy").status == 200
    assert logs == []
    assert capfd.readouterr().err == ""


# Start and stop ----------------------------------------------------------------------------------


def test_stop_is_prompt_final_and_may_be_repeated() -> None:
    server = WebServer(HOST, 0, Exposition([], 1), Health())
    server.stop()
    n_threads = request_threads()
    port = server.start()
    with half_open(port) as client:
        wait_until(lambda: request_threads() > n_threads)
        start = time.perf_counter()
        server.stop()
        server.stop()
        assert time.perf_counter() - start < 2
        assert is_cut(client)
    with pytest.raises(ConnectionRefusedError):
        ask(port, "/metrics")


def test_port_is_free_again_after_a_stop() -> None:
    for _ in range(2):
        with serving(list) as port:
            again = WebServer(HOST, port, Exposition([], 1), Health())
            assert ask(port, "/").status == 200
        assert again.start() == port
        assert ask(port, "/").status == 200
        again.stop()


def test_port_in_use_says_what_to_set() -> None:
    with serving(list) as port:
        another = WebServer(HOST, port, Exposition([], 1), Health())
        with pytest.raises(StreamDriftError, match=rf"127\.0\.0\.1, port {port} .*set http\.port"):
            another.start()
        assert ask(port, "/").status == 200


def test_foreign_address_says_what_to_set() -> None:
    with pytest.raises(StreamDriftError, match=r"192\.0\.2\.1.*set http\.address"):
        WebServer("192.0.2.1", 0, Exposition([], 1), Health()).start()


def test_only_the_given_address_answers() -> None:
    with serving(list) as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5).close()


def test_name_of_this_machine_will_do() -> None:
    server = WebServer("localhost", 0, Exposition([], 1), Health())
    port = server.start()
    socket.create_connection(("localhost", port), timeout=5).close()
    server.stop()
