"""What closing a pane costs: not more after many panes, nor with a large reference."""

from __future__ import annotations

import statistics
from dataclasses import replace
from itertools import cycle, islice

from benchmarks.engine import BATCH, PARTITION, batches, configured, cpu_seconds, reference_of
from benchmarks.report import Line, at_most, print_lines
from benchmarks.workload import Workload
from stream_drift.app import Monitor, detector_factory
from stream_drift.config.settings import Settings
from stream_drift.engine.detector import Detector
from stream_drift.engine.effects import DetectorEffect
from stream_drift.events.decode import Decoder
from stream_drift.profiles.count import Counter
from stream_drift.profiles.profile import Profile
from stream_drift.windows.log import Ledger, Progress, Snapshot

REFERENCE_ROWS = (20_000, 1_000_000)
PANE_EVENTS = 500
N_PANES = 40
PAST = (10, 1_000)
HOUR_MS = 3_600_000
FIRST_MS = 497_222 * HOUR_MS
LEARNED = 24 * 22
"""Panes of an hour after which a baseline is armed."""


def pane_profiles(load: Workload, monitor: Monitor) -> list[Profile]:
    """Panes that differ as live ones do."""
    decoder = Decoder(load.mapping)
    counter = Counter(monitor.layout, monitor.layout.names, counts_events=True)
    profiles = []
    for batch in batches(load):
        coded = counter.code(decoder.decode(batch))
        for start in range(0, BATCH, PANE_EVENTS):
            profile = Profile.empty(monitor.layout)
            counter.add(profile, coded, slice(start, start + PANE_EVENTS), PANE_EVENTS)
            profiles.append(profile)
    return profiles


class Closing:
    """A detector whose panes close one after the other, each a block of its own."""

    def __init__(self, detector: Detector, profiles: list[Profile]) -> None:
        self._detector = detector
        self._profiles = cycle(profiles)
        self._pane_ms = detector.reference.layout.pane_ms
        self._n_panes = 0

    def cpu_ms(self, n_panes: int) -> list[float]:
        """CPU milliseconds for each of so many panes."""
        return [self._close(profile.copy()) for profile in islice(self._profiles, n_panes)]

    def _close(self, profile: Profile) -> float:
        number, n = self._n_panes, PANE_EVENTS
        self._n_panes += 1
        start, block, upto = FIRST_MS + number * self._pane_ms, number * n, (number + 1) * n
        effects: list[DetectorEffect] = []

        def close() -> None:
            for record in (
                Snapshot(PARTITION, block, upto, start, profile),
                Ledger(PARTITION, block, upto, n, 0, {}, {start: n}),
                Progress(PARTITION, 1, upto, start + self._pane_ms),
            ):
                effects.extend(self._detector.apply(record, start))

        taken = 1e3 * cpu_seconds(close)
        assert effects
        return taken


def after(settings: Settings, monitor: Monitor, profiles: list[Profile], past: int) -> float:
    """Median CPU milliseconds of the panes that follow so many others."""
    closing = Closing(detector_factory(settings, monitor)(), profiles)
    closing.cpu_ms(past)
    return statistics.median(closing.cpu_ms(N_PANES))


def main() -> None:
    rows = []
    for what, pane_ms, first in (("learning", 60_000, 0), ("armed", HOUR_MS, LEARNED)):
        load = Workload(n_events=40 * PANE_EVENTS, pane_ms=pane_ms)
        settings, monitor = configured(load)
        profiles = pane_profiles(load, monitor)
        few, many = (after(settings, monitor, profiles, first + past) for past in PAST)
        rows.append(Line(f"{what}, after {first + PAST[0]:,} panes", f"{few:.2f} ms"))
        rows.append(Line(f"{what}, after {first + PAST[1]:,} panes", f"{many:.2f} ms"))
        rows.append(at_most(f"{what}, after many ÷ after few", many / few, 1.2))
    load = Workload(n_events=40 * PANE_EVENTS)
    settings, monitor = configured(load)
    small, large = (
        after(settings, found, pane_profiles(load, found), PAST[0])
        for found in (replace(monitor, reference=reference_of(load, n)) for n in REFERENCE_ROWS)
    )
    rows.append(at_most("reference of 1,000,000 rows ÷ of 20,000", large / small, 1.2))
    print_lines("panes: CPU to close one, 21 numbers and 4 categories, 3 spans", rows)


if __name__ == "__main__":
    main()
