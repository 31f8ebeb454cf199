"""`top` reads what a service serves and puts the most suspicious feature first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from stream_drift.cli.top_view import bar, read_scrape
from tests.support.ports import free_port
from tests.support.program import cli

SCRAPE = """\
# TYPE streamdrift_score gauge
streamdrift_score{monitor="loans",feature="age",score="psi",window="1h"} 0.31
streamdrift_score{monitor="loans",feature="age",score="psi",window="1d"} 0.02
streamdrift_score{monitor="loans",feature="income",score="psi",window="1h"} 0.5
# TYPE streamdrift_evidence_ratio gauge
streamdrift_evidence_ratio{monitor="loans",feature=""} 0.7
streamdrift_evidence_ratio{monitor="loans",feature="age"} 0.6
streamdrift_evidence_ratio{monitor="loans",feature="income"} 0.01
# TYPE streamdrift_baseline_state gauge
streamdrift_baseline_state{monitor="loans",state="learning"} 0
streamdrift_baseline_state{monitor="loans",state="armed"} 1
# TYPE streamdrift_events counter
streamdrift_events_total{monitor="loans",topic="a"} 1000
streamdrift_events_total{monitor="loans",topic="b"} 500
# TYPE streamdrift_incidents_open gauge
streamdrift_incidents_open{monitor="loans",policy="budget",severity="major"} 1
streamdrift_incidents_open{monitor="loans",policy="budget",severity="minor"} 0
"""


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(SCRAPE.encode())

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/metrics"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_scrape_is_read_by_monitor() -> None:
    [loans] = read_scrape(SCRAPE, "1h").values()
    assert (loans.state, loans.events, loans.open) == ("armed", 1500, {"major": 1})
    assert loans.scores["age"] == {"psi": 0.31}
    assert loans.evidence == {"": 0.7, "age": 0.6, "income": 0.01}


def test_the_page_names_what_is_nearest_to_an_incident_first(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cli("top", "--url", url, "--window", "1h", "--once", "--features", "1")
    text = capsys.readouterr().out
    assert "armed" in text
    assert "1,500 events" in text
    assert "open: 1 major" in text
    assert "evidence 70% of the threshold" in text
    assert "0.31" in text
    assert "and 1 more" in text
    assert "income" not in text


def test_a_service_that_does_not_answer_is_an_error_that_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = f"http://127.0.0.1:{free_port()}/metrics"
    cli("top", "--url", url, "--window", "1h", "--once", exit_code=2)
    assert "is `stream-drift run` running?" in capsys.readouterr().err


def test_bars_grow_with_evidence() -> None:
    widths = [str(bar(share)).count("█") for share in (0.0, 0.001, 0.01, 0.1, 1.0, 50.0)]
    assert widths == sorted(widths)
    assert (widths[0], widths[-2]) == (0, 20)
