"""One record of every kind in the log; `python -m tests.golden.log.examples` writes them.

They are wire format 1 for good: what is here must be read by every later program.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from stream_drift.engine.wire import encode_record
from stream_drift.events.record import PartitionId
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.profile import Profile
from stream_drift.profiles.sample import Sample, SampledRow
from stream_drift.windows.log import Command, Ledger, LogRecord, Lost, Progress, Snapshot

FOLDER = Path(__file__).parent
AT = PartitionId("hotel.bookings", "k3r9Zt0fQ1-id", 2)
LAYOUT = Layout(
    (NumberLayout("adr", (-1.5, 0.0, 2.25), (0, 1, 2, 3), 0.5, 1.25),),
    (CategoryLayout("country", ("PRT", "GBR"), ("\u00c5land",)),),
    300_000,
)
PANE = 1_760_000_400_000


def profile() -> Profile:
    """Every place of the vector holds a number of its own, small and large."""
    found = Profile.empty(LAYOUT)
    found.additive[:] = 3 ** np.arange(LAYOUT.size) - 5
    found.low[:], found.high[:] = -1.75, 1e300
    found.new_values = {"country": {"\u2603": 7, "": 1}}
    return found


RECORDS: Mapping[str, LogRecord] = {
    "snapshot": Snapshot(AT, 1_000, 4_711, PANE, profile()),
    "snapshot_empty": Snapshot(AT, 0, 0, 0, Profile.empty(LAYOUT)),
    "snapshot_sampled": Snapshot(
        AT,
        1_000,
        4_711,
        PANE,
        profile(),
        Sample(
            ("adr", "country"),
            0.0625,
            (
                SampledRow(1_003, PANE + 17, 2**60 - 1, bytes(range(8)), (98.5, "PRT")),
                SampledRow(1_009, PANE + 18, 12, bytes(8), (None, None)),
            ),
        ),
    ),
    "ledger": Ledger(
        AT, 1_000, 101_000, 99_990, 3, {"decode": 9, "future_time": 1}, {PANE: 99_987, 0: 0}
    ),
    "lost": Lost(AT, 1_000, 9_000),
    "progress": Progress(AT, 12, 4_711, PANE - 600_000),
    "progress_idle": Progress(AT, 12, 4_711, PANE - 600_000, PANE),
    "progress_empty": Progress(AT, 12, 0, None, PANE),
    "command": Command("mute", "eve@example.org", "known", {"for_ms": "3600000", "incident": "a1"}),
}


def main() -> None:
    """Write what is not there yet; files that are there stay as they are."""
    for name, record in RECORDS.items():
        path = FOLDER / f"{name}.v1.bin"
        if not path.exists():
            path.write_bytes(encode_record(record))


if __name__ == "__main__":
    main()
