"""`stream-drift run` as a process of its own that reports often: ``quick_run CONFIG [ROLE…]``."""

from __future__ import annotations

import sys
from pathlib import Path

from stream_drift.config.load import load_settings
from stream_drift.process import ROLES, Process, RunOptions
from stream_drift.runtime.logs import configure, get_logger

TICK_MS = 200
CHECKPOINT_MS = 500


def main(config: str, scores: str, *roles: str) -> None:
    configure(sys.stderr, "INFO")
    options = RunOptions(roles or ROLES, Path(scores), TICK_MS, CHECKPOINT_MS)
    process = Process(load_settings(Path(config)), options)
    process.service.watch_signals()
    log = get_logger("quick_run")
    process.run(lambda port: log.info("serving", metrics=f"http://127.0.0.1:{port}/metrics"))


if __name__ == "__main__":
    main(*sys.argv[1:])
