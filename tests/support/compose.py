"""The services of ``docker-compose.yml`` as local processes: their own commands and checks.

A container's names become local ones: host names and ports, mounted files, programs of images.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.support.broker import KafkaBroker
from tests.support.deploy import DEPLOY, ROOT, load_yaml
from tests.support.jvm import kafka_command
from tests.support.ports import free_port
from tests.support.process import Process
from tests.support.program import wait_for

COMPOSE = ROOT / "docker-compose.yml"
LISTENERS = ("stream-drift:9464", "receiver:8080", "alertmanager:9093", "prometheus:9090")
PROGRAMS = {
    "prom/prometheus": "prometheus",
    "prom/alertmanager": "prometheus-alertmanager",
}
_SHIM = "#!/bin/sh\nexec {python} -c 'from stream_drift.cli.main import main; main()' \"$@\"\n"


@dataclass
class Compose:
    """The services on loopback ports of their own, and files in a folder.

    Attributes
    ----------
    ports
        By service.
    """

    folder: Path
    broker: KafkaBroker

    def __post_init__(self) -> None:
        self.services: dict[str, Any] = load_yaml(COMPOSE)["services"]
        self.ports = {where.partition(":")[0]: free_port() for where in LISTENERS}
        self.folder.mkdir(parents=True, exist_ok=True)
        self._local = {"kafka:19092": self.broker.bootstrap, "/tmp/rows": f"{self.folder}/rows"}  # noqa: S108  # a container's
        for where in LISTENERS:
            service, _, port = where.partition(":")
            self._local[where] = f"127.0.0.1:{self.ports[service]}"
            self._local[f"localhost:{port}"] = f"127.0.0.1:{self.ports[service]}"
        self._local["localhost/9092"] = self.broker.bootstrap.replace(":", "/")
        for name in ("stream-drift.yaml", "prometheus.yml", "alertmanager.yml"):
            text = self.local((DEPLOY / "compose" / name).read_text())
            rules = f"{DEPLOY / 'prometheus'}/"
            (self.folder / name).write_text(text.replace("/etc/prometheus/rules/", rules))
        self._local |= {
            "/etc/stream-drift/": f"{self.folder}/",
            "/etc/prometheus/": f"{self.folder}/",
            "/etc/alertmanager/": f"{self.folder}/",
            "/receiver.py": str(DEPLOY / "compose" / "receiver.py"),
            "=/prometheus": f"={self.folder}/prometheus-data",
            "=/alertmanager": f"={self.folder}/alertmanager-data",
        }
        shim = self.folder / "bin" / "stream-drift"
        shim.parent.mkdir()
        shim.write_text(_SHIM.format(python=sys.executable))
        shim.chmod(0o755)

    def local(self, text: str) -> str:
        """A text of the compose file with local names in place of a container's."""
        for theirs, ours in self._local.items():
            text = text.replace(theirs, ours)
        return text

    def environment(self) -> Mapping[str, str]:
        """What the image and the compose file say, and where this machine keeps the state."""
        return {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "STATE_FOLDER": str(self.folder),
            "STREAMDRIFT__MONITORS__LOAN-APPROVAL__PANE": "5s",  # sooner done
            "KAFKA_BROKERS": self.broker.bootstrap,
            "STREAMDRIFT__HTTP__PORT": str(self.ports["stream-drift"]),
        }

    def command(self, name: str) -> list[str]:
        """What starts the service here."""
        service = self.services[name]
        image = service["image"].partition(":")[0]
        words = [self.local(word) for word in service.get("command", [])]
        if words and words[0].endswith("/kafka-topics.sh"):
            return kafka_command("org.apache.kafka.tools.TopicCommand", *words[1:])
        if image in PROGRAMS:
            port = self.ports[name]
            return [PROGRAMS[image], *words, f"--web.listen-address=127.0.0.1:{port}"]
        start = [self.local(word) for word in service.get("entrypoint", ["stream-drift"])]
        if name == "receiver":
            return [sys.executable, start[1], str(self.ports[name])]
        return [*start, *words]

    def run(self, name: str) -> None:
        """Run a service that is meant to end; raise with what it said where it fails."""
        self._run(self.command(name))

    def is_healthy(self, name: str) -> bool:
        """What the service's own health check says."""
        kind, *check = self.services[name]["healthcheck"]["test"]
        assert kind == "CMD"
        words = [sys.executable if word == "python" else self.local(word) for word in check]
        done = subprocess.run(
            words, env=self.environment(), capture_output=True, check=False, timeout=30
        )
        return done.returncode == 0

    def get(self, name: str, path: str) -> str:
        """A page of a service."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.ports[name]}{path}", timeout=10
        ) as page:
            text: str = page.read().decode()
        return text

    def scraped(self) -> list[str]:
        """The metrics that Prometheus knows."""
        found: list[str] = json.loads(self.get("prometheus", "/api/v1/label/__name__/values"))[
            "data"
        ]
        return found

    @contextmanager
    def up(self, names: Sequence[str]) -> Iterator[None]:
        """Start services one after the other, each once its own check is content."""
        with ExitStack() as stack:
            for name in names:
                process = self._start(name)
                stack.callback(process.kill)
                if not self.services[name].get("healthcheck", {}).get("disable"):
                    wait_for(partial(self.is_healthy, name), f"{name} healthy", 90)
            yield

    def log(self, name: str) -> str:
        """What a service has written."""
        return (self.folder / f"{name}.log").read_text()

    def _start(self, name: str) -> Process:
        given = self.environment()
        variables = [f"{key}={given[key]}" for key in given.keys() - os.environ.keys()]
        variables.append(f"PATH={given['PATH']}")
        return Process(["env", *variables, *self.command(name)], self.folder / f"{name}.log")

    def _run(self, words: Sequence[str]) -> None:
        done = subprocess.run(
            words,
            env=self.environment(),
            text=True,
            capture_output=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, done.stdout + done.stderr
