"""What `benchmarks.detection` simulates: clean streams and changed ones, with the runs of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.detection_streams import DAY_MS, HOUR_MS, Change, StreamKind

BASELINES = 4
"""Changes are spread over so many learned baselines: their errors delay or help."""
IID = StreamKind()
REAL = StreamKind(season=0.15, wander=0.05, memory_h=0.79, volume_wave=0.5)
HOUR = replace(REAL, n_features=20, pane_ms=HOUR_MS)


@dataclass(frozen=True, slots=True)
class Clean:
    """A clean stream, watched for 30 days once armed."""

    kind: StreamKind
    learning_days: float = 14
    runs: int = 2
    runs_full: int = 100


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of the first feature once armed, at a random time of day."""

    kind: StreamKind
    change: Change
    limit_h: float
    runs: int = 20
    runs_full: int = 60


def clean_cases() -> Iterator[tuple[str, Clean]]:
    classes = {
        "iid": IID,
        "season+wander": REAL,
        "weekend": replace(REAL, weekend=0.1),
        "rare": StreamKind(rare=True),
        "clustered x5": replace(IID, cluster=5),
        "clustered x20": replace(IID, cluster=20, n=1000),
        "gaps 10 %": replace(REAL, gaps=0.1),
        "20 events/h": replace(REAL, n=20 / 12),
    }
    for name, kind in classes.items():
        for n_features in (5, 50):
            yield f"{name} F={n_features}", Clean(replace(kind, n_features=n_features))
        if name in ("iid", "season+wander", "clustered x5"):
            many = replace(kind, n_features=500)
            yield f"{name} F=500", Clean(many, runs=0, runs_full=20)
    for pane_ms, label in ((HOUR_MS, "1 h"), (HOUR_MS // 12, "5 min")):
        n = 500.0 * pane_ms / HOUR_MS * (1 if pane_ms == HOUR_MS else 12)
        for memory in (1, 3, 10, 24):
            for days in (7, 14, 28):
                kind = replace(HOUR, pane_ms=pane_ms, n=n, memory_h=memory)
                few = 4 if pane_ms == HOUR_MS else 1
                yield f"grid {label} {memory} h {days} d", Clean(kind, days, few, 30)


def changed_cases() -> Iterator[tuple[str, Changed]]:
    changes = {
        "+0.1 sd": (Change(shift=0.1), 120.0),
        "+0.25 sd": (Change(shift=0.25), 48.0),
        "variance x1.5": (Change(scale=1.5**0.5), 24.0),
        "20 % mix": (Change(mix=0.2), 24.0),
        "ramp to 0.25": (Change(shift=0.25, ramp_ms=DAY_MS), 72.0),
        "all null": (Change(missing=1.0), 6.0),
    }
    for label, kind in (("iid", IID), ("season+wander", REAL)):
        for name, (change, limit_h) in changes.items():
            yield f"{label}: {name}", Changed(kind, change, limit_h)
    trivial = StreamKind(n=50_000, n_features=20)
    yield "0.02 sd at n=50 000", Changed(trivial, Change(shift=0.02), 30 * 24.0, 1, 5)
