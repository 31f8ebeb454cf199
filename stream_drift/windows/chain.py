"""The chain of blocks of one input partition: what counts, and what is only a repeat."""

from __future__ import annotations

from dataclasses import dataclass, field

from stream_drift.profiles.profile import Profile
from stream_drift.windows.log import Ledger, Lost, Snapshot


@dataclass(slots=True)
class Newest:
    """The newest snapshot of a pane in the block that is not yet accounted for.

    ``profile`` is ``None`` once its pane has closed: what it holds has been used.
    """

    upto: int
    profile: Profile | None
    events: int


@dataclass(slots=True)
class Chain:
    """Follows one partition from block to block.

    Attributes
    ----------
    covered
        The offset up to which blocks are accounted for; ``None`` before the first block is seen.
    newest
        Per pane start, the greatest snapshot of the block that starts at ``covered``.
    gaps
        Records that lay beyond covered ground: a defect of the writer or a hole in the log.
    """

    covered: int | None = None
    newest: dict[int, Newest] = field(default_factory=dict)
    gaps: int = 0

    def _is_next(self, block_start: int) -> bool:
        if self.covered is None:
            self.covered = block_start
        self.gaps += block_start > self.covered
        return block_start == self.covered

    def take_snapshot(self, snapshot: Snapshot) -> bool:
        """Keep the snapshot if it is news; says whether it was."""
        if not self._is_next(snapshot.block_start):
            return False
        known = self.newest.get(snapshot.pane_start_ms)
        if known is not None and known.upto >= snapshot.upto:
            return False
        profile = snapshot.profile
        self.newest[snapshot.pane_start_ms] = Newest(snapshot.upto, profile, profile.events)
        return True

    def take_ledger(self, ledger: Ledger) -> dict[int, Newest] | None:
        """Finish the block: its snapshots by pane, to be folded; ``None`` for a repeat."""
        if not self._is_next(ledger.block_start):
            return None
        finished, self.newest = self.newest, {}
        self.covered = ledger.upto
        return finished

    def take_lost(self, lost: Lost) -> dict[int, Newest] | None:
        """Jump over lost offsets: the unfinished block's snapshots; ``None`` for a repeat."""
        if self.covered is not None and lost.end <= self.covered:
            return None
        dropped, self.newest = self.newest, {}
        self.covered = lost.end
        return dropped
