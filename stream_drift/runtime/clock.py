"""The only place that asks what time it is; everything else is told."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Milliseconds since the epoch, by this machine's clock."""
    return time.time_ns() // 1_000_000


def monotonic_seconds() -> float:
    """Seconds since some moment; only differences mean anything, and they never go back."""
    return time.monotonic()
