"""What tests lean on keeps its word."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.jvm import KAFKA, kafka_command
from tests.support.ports import free_port
from tests.support.process import Process
from tests.support.promtool import check_metrics

_DIES_AT_ONCE = """
import os, pathlib, sys
from tests.support.process import Process
process = Process(["sleep", "60"], pathlib.Path(os.devnull))
print(process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_process_ends_with_the_one_that_started_it() -> None:
    starter = subprocess.run(
        [sys.executable, "-c", _DIES_AT_ONCE], capture_output=True, text=True, check=False
    )
    assert starter.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 20
    while is_running(int(starter.stdout)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_process_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = Process(["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.1; done"], log)
    while not log.read_bytes():
        time.sleep(0.02)
    assert process.exit_code is None
    assert process.stop(patience_seconds=0.2) == -signal.SIGKILL
    assert process.exit_code == -signal.SIGKILL


def test_ports_differ_and_stay_clear_of_outgoing_ones() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert server.getsockname()[1] not in ports
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(ports) < lowest


def test_taken_ports_are_not_given() -> None:
    taken = free_port() + 1
    with socket.create_server(("127.0.0.1", taken)):
        assert free_port() != taken


def test_kafka_programs_see_all_jars_in_one_order() -> None:
    command = kafka_command("kafka.Kafka", "x.properties")
    class_path = command[command.index("-cp") + 1].split(os.pathsep)
    assert class_path == sorted(str(jar) for jar in (KAFKA / "lib").iterdir())
    assert command[-2:] == ["kafka.Kafka", "x.properties"]


def test_promtool_accepts_a_clean_exposition() -> None:
    check_metrics(
        "# HELP records_total Records read.\n# TYPE records_total counter\nrecords_total 1\n"
    )


def test_promtool_refuses_a_counter_without_its_suffix() -> None:
    with pytest.raises(AssertionError, match="_total"):
        check_metrics("# HELP records Records read.\n# TYPE records counter\nrecords 1\n")
