"""A detector in the middle of things; `python -m tests.golden.checkpoint.examples` writes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stream_drift.detection.threshold_settings import ThresholdSettings
from stream_drift.engine.checkpoint import encode_checkpoint
from stream_drift.engine.detector import Detector, DetectorSettings
from stream_drift.engine.effects import PaneClosed, Publish
from stream_drift.events.record import PartitionId
from stream_drift.incidents.alert import data_json
from stream_drift.profiles.layout import CategoryLayout, Layout
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import Reference
from stream_drift.windows.log import Command, Ledger, LogRecord, Lost, Progress, Snapshot

FILE = Path(__file__).with_name("detector.v1.bin")
MINUTE = 60_000
T0 = 1_760_000_400_000
LAYOUT = Layout((), (CategoryLayout("country", ("PRT", "GBR"), ()),), MINUTE)
OLD, NEW, OTHER = (
    PartitionId(*where)
    for where in (("bookings", "old", 0), ("bookings", "new", 0), ("bookings", "new", 1))
)
N_BEFORE = 18


def counts(portuguese: int, british: int, missing: int = 0) -> Profile:
    """A pane of so many events."""
    profile = Profile.empty(LAYOUT)
    profile.additive[0] = portuguese + british + missing
    profile.bins_of(0)[:2] = portuguese, british
    profile.view("missing")[0] = missing
    return profile


def pane(i: int) -> int:
    return T0 + i * MINUTE


RECORDS: Sequence[LogRecord] = (
    Snapshot(OLD, 0, 40, pane(0), counts(20, 20)),
    Progress(OLD, 1, 40, pane(1)),
    Snapshot(NEW, 0, 50, pane(1), counts(20, 10, 20)),
    Ledger(NEW, 0, 50, 50, 0, {}, {pane(1): 50}),
    Snapshot(OTHER, 0, 30, pane(1), counts(30, 0)),
    Progress(NEW, 2, 50, pane(2)),
    Progress(OTHER, 2, 30, None),
    Progress(OTHER, 2, 30, pane(2) - 1),
    Progress(OTHER, 2, 31, pane(2)),
    Command("acknowledge", "eve", "seen", {}),
    Lost(NEW, 50, 60),
    Snapshot(NEW, 60, 70, pane(4), counts(5, 0, 5)),
    Progress(NEW, 2, 70, pane(4)),
    Progress(OTHER, 2, 31, pane(2), pane(5)),
    Progress(OTHER, 2, 31, pane(2), pane(6)),
    Progress(OTHER, 2, 31, pane(2), pane(7)),
    Snapshot(NEW, 60, 80, pane(6), counts(10, 0)),
    Ledger(NEW, 60, 80, 20, 0, {}, {pane(4): 10, pane(6): 10}),
    Snapshot(OTHER, 0, 35, pane(6), counts(5, 0)),
    Snapshot(OLD, 0, 99, pane(6), counts(99, 99)),
    Progress(NEW, 2, 80, pane(9)),
    Progress(OTHER, 2, 35, pane(9)),
    Snapshot(NEW, 80, 90, pane(9), counts(25, 25)),
    Progress(NEW, 2, 90, pane(12)),
    Progress(OTHER, 2, 35, pane(12)),
)
"""One life of a topic, then another; an incident, a loss, idleness, a block left open."""


def fresh() -> Detector:
    """A detector that has seen nothing."""
    reference = counts(500, 500)
    missing = ThresholdSettings("missing", "*", 0.1, None, "pane", MINUTE, 1, ("country",))
    settings = DetectorSettings(
        name="golden",
        monitor="hotel",
        model_version="3",
        holding=("bookings",),
        lateness_ms=0,
        windows=(("5m", 5 * MINUTE),),
        thresholds=(missing,),
        no_data_for_ms=3 * MINUTE,
        repeat_interval_ms=10 * MINUTE,
    )
    return Detector(settings, Reference("abc", "2026-01-01T00:00:00Z", 1_000, reference))


def applied(detector: Detector, first: int, last: int) -> list[tuple[object, ...]]:
    """Apply some of the records; closed panes and alerts in comparable form."""
    told: list[tuple[object, ...]] = []
    for i, record in enumerate(RECORDS[first:last], first):
        for effect in detector.apply(record, T0 + 1_000 * i):
            match effect:
                case PaneClosed(start, end, profile, scores):
                    windows = [window.profile.additive.tolist() for window in scores]
                    complete = [window.complete for window in scores]
                    told.append((start, end, profile.additive.tolist(), windows, complete))
                case Publish(alert):
                    told.append((alert.id, alert.time_ms, data_json(alert)))
    return told


def closed_panes(detector: Detector) -> list[tuple[int, Profile]]:
    """What a state topic would hold beside the checkpoint of a detector."""
    found: list[tuple[int, Profile]] = []
    other = fresh()
    for i, record in enumerate(RECORDS[:N_BEFORE]):
        effects = other.apply(record, T0 + 1_000 * i)
        found += [(e.start_ms, e.profile) for e in effects if isinstance(e, PaneClosed)]
    assert detector.panes.closed_until_ms == other.panes.closed_until_ms
    return found


def main() -> None:
    """Write the checkpoint unless it is there."""
    if not FILE.exists():
        detector = fresh()
        applied(detector, 0, N_BEFORE)
        FILE.write_bytes(encode_checkpoint(detector))


if __name__ == "__main__":
    main()
