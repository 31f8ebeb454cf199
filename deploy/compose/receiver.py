"""A webhook receiver that one can look at: prints what Alertmanager sends, and lists it on GET /.

Stands for the pager of a real deployment. ``receiver.py [PORT]``
"""

from __future__ import annotations

import json
import sys
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEPT = 100
received: deque[str] = deque(maxlen=KEPT)


def lines_of(body: bytes) -> list[str]:
    """One line per alert: when, firing or resolved, which, and its summary."""
    return [
        " ".join(
            [
                alert["endsAt"] if alert["status"] == "resolved" else alert["startsAt"],
                alert["status"],
                alert["labels"].get("alertname", "?"),
                alert["annotations"].get("summary", ""),
            ]
        )
        for alert in json.loads(body)["alerts"]
    ]


class Receiver(BaseHTTPRequestHandler):
    """POST takes a notification, GET answers all of them."""

    def do_POST(self) -> None:
        for line in lines_of(self.rfile.read(int(self.headers["Content-Length"]))):
            print(line, flush=True)
            received.append(line)
        self._answer("")

    def do_GET(self) -> None:
        self._answer("".join(f"{line}\n" for line in received))

    def _answer(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print notifications only, not requests."""


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    ThreadingHTTPServer(("", port), Receiver).serve_forever()
