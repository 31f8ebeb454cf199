"""The chain of blocks of one input partition: what counts, and what is only a repeat."""

from __future__ import annotations

from dataclasses import dataclass, field

from stream_drift.profiles.profile import Profile
from stream_drift.profiles.rows import BlockRows
from stream_drift.windows.log import Ledger, Lost, Snapshot


@dataclass(slots=True)
class Newest:
    """The newest snapshot of a pane in the block that is not yet accounted for.

    ``profile`` is ``None`` once its pane has closed: what it holds has been used. ``rows`` are
    those of all snapshots so far: each brings only what its writer had not sent before.
    """

    upto: int
    profile: Profile | None
    events: int
    rows: BlockRows = field(default_factory=BlockRows)

    def use_up(self) -> None:
        """Its pane has closed."""
        self.profile, self.rows = None, BlockRows()


@dataclass(slots=True)
class Chain:
    """Follows one partition from block to block.

    Attributes
    ----------
    covered
        The offset up to which blocks are accounted for; ``None`` before the first block is seen.
    newest
        Per pane start, the greatest snapshot of the block that starts at ``covered``.
    is_torn
        Offsets were passed over, and it is not known yet where event time goes on behind them.
    gaps
        How often a block lay beyond covered ground though nobody said that offsets were lost.
    """

    covered: int | None = None
    newest: dict[int, Newest] = field(default_factory=dict)
    is_torn: bool = False
    gaps: int = 0

    def reach(self, block_start: int) -> dict[int, Newest] | None:
        """Come to a block: what must be dropped if it lies beyond covered ground, else ``None``.

        Its predecessor's ledger will not come: it was lost from our log, or a writer without a
        commit began where the input log now begins. To wait for it would be to wait for ever.
        """
        if self.covered is None:
            self.covered = block_start
        if block_start <= self.covered:
            return None
        self.gaps += 1
        return self._jump(block_start)

    def overlaps(self, snapshot: Snapshot) -> bool:
        """Whether it holds covered and uncovered ground: its block was cut from a lost place."""
        covered = self.covered
        return covered is not None and snapshot.block_start < covered < snapshot.upto

    def take_snapshot(self, snapshot: Snapshot) -> bool:
        """Keep the snapshot if it is news; says whether it was.

        Its rows are kept in any case: of two writers of a block, one may have got further with
        its profile while it is the other that sends a row again.
        """
        if snapshot.block_start != self.covered:
            return False
        known = self.newest.get(snapshot.pane_start_ms)
        rows = BlockRows() if known is None else known.rows
        if known is None or known.profile is not None:
            rows.add(snapshot.sample)
        if known is not None and known.upto >= snapshot.upto:
            return False
        profile = snapshot.profile
        self.newest[snapshot.pane_start_ms] = Newest(snapshot.upto, profile, profile.events, rows)
        return True

    def take_ledger(self, ledger: Ledger) -> dict[int, Newest] | None:
        """Finish the block: its snapshots by pane, to be folded; ``None`` for a repeat."""
        if ledger.block_start != self.covered:
            return None
        finished, self.newest = self.newest, {}
        self.covered = ledger.upto
        return finished

    def take_lost(self, lost: Lost) -> dict[int, Newest] | None:
        """Jump over lost offsets: the unfinished block's snapshots; ``None`` for a repeat."""
        if self.covered is not None and lost.end <= self.covered:
            return None
        return self._jump(lost.end)

    def _jump(self, offset: int) -> dict[int, Newest]:
        dropped, self.newest = self.newest, {}
        self.covered, self.is_torn = offset, True
        return dropped
