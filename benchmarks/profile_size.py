"""How large the profile of a pane is on the wire, before Kafka compresses it."""

from __future__ import annotations

import numpy as np

from benchmarks.report import Line, at_most, print_lines
from benchmarks.workload import Workload
from stream_drift.engine.wire import encode_record
from stream_drift.events.record import PartitionId
from stream_drift.profiles.profile import Profile
from stream_drift.windows.log import Snapshot

LIMIT_BYTES = 1_024
WIDTHS = (20, 100)
START_MS = 1_790_000_000_000


def pane(n_numbers: int, n_events: int) -> Profile:
    """As many events as wanted, spread as those of the reference are."""
    reference = Workload(n_numbers).reference().profile
    profile = reference.copy()
    share = n_events / reference.events
    profile.additive[:] = np.rint(reference.additive * share).astype(np.int64)
    return profile


def wire_bytes(profile: Profile) -> int:
    partition = PartitionId("bench.events", "A" * 22, 0)
    return len(encode_record(Snapshot(partition, 10**9, 10**9, START_MS, profile)))


def bytes_per_number(n_events: int) -> float:
    """What one more number feature adds."""
    few, many = (wire_bytes(pane(n_numbers, n_events)) for n_numbers in WIDTHS)
    return (many - few) / (WIDTHS[1] - WIDTHS[0])


def main() -> None:
    rows = [
        at_most(f"per number, pane of {n:,} events", bytes_per_number(n), LIMIT_BYTES, " B")
        for n in (1_000, 1_000_000, 1_000_000_000)
    ]
    whole = wire_bytes(pane(20, 1_000_000))
    rows.append(Line("20 numbers and 5 more, 1,000,000 events", f"{whole:,} B"))
    print_lines("profile_size: snapshots without sampled rows", rows)


if __name__ == "__main__":
    main()
