"""The demo as a newcomer runs it: without a terminal, without Kafka, to its last screen."""

from __future__ import annotations

import subprocess
import sys
import time

PROGRAM = [sys.executable, "-c", "from stream_drift.cli.main import main; main()"]


def test_demo_finds_the_drift_on_the_right_feature_in_under_a_minute() -> None:
    began = time.monotonic()
    ended = subprocess.run(
        [*PROGRAM, "demo"], capture_output=True, text=True, timeout=110, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stderr == ""
    assert "drift injected  " in ended.stdout
    assert "age: mean 50 → " in ended.stdout
    assert " events since " in ended.stdout
    assert "and no incident is open" in ended.stdout
    assert '"type": "io.streamdrift.incident.opened.v1"' in ended.stdout
    quiet, _, _ = ended.stdout.partition("drift injected, ")
    assert "incident" not in quiet
    # A minute on a quiet machine; tests share theirs.
    assert time.monotonic() - began < 100
