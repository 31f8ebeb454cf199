"""From log records to open panes: the inputs that carry one side, data or labels."""

from __future__ import annotations

from collections.abc import Mapping

from stream_drift.engine.inputs import Inputs, unfinished
from stream_drift.engine.panes import OpenPanes
from stream_drift.profiles.layout import Layout
from stream_drift.windows.chain import Chain, Newest
from stream_drift.windows.log import Command, Ledger, LogRecord, Lost, Progress, Snapshot


class Intake:
    """Follows the chains of some topics and fills panes from them.

    Attributes
    ----------
    inputs
        The partitions of the topics, their chains and clocks.
    panes
        What has come and is not closed yet.
    """

    def __init__(self, topics: tuple[str, ...], lateness_ms: int, layout: Layout) -> None:
        self.inputs = Inputs(topics, lateness_ms)
        self.panes = OpenPanes(layout)
        self._pane_ms = layout.pane_ms

    def take(self, record: LogRecord, append_time_ms: int) -> bool:
        """Take one record of these topics; says whether time may have moved."""
        if isinstance(record, Command):
            return False
        topic, ended = self.inputs.topic_of(record.partition)
        for newest in unfinished(ended):
            self.panes.fold(newest)
        if topic is None:
            return False
        chain = self.inputs.chain_of(topic, record.partition)
        match record:
            case Snapshot():
                self._lose(chain.reach(record.block_start))
                self._take_snapshot(chain, record)
            case Ledger():
                self._lose(chain.reach(record.block_start))
                self._take_ledger(chain, record)
            case Lost():
                self._lose(chain.take_lost(record))
            case Progress():
                self.inputs.advance(topic, record, append_time_ms)
                if record.idle_as_of_ms is not None and chain.is_torn:
                    self._mend(chain, append_time_ms)
        return isinstance(record, Progress)

    def _lose(self, dropped: Mapping[int, Newest] | None) -> None:
        if dropped is not None:
            self.panes.lose(dropped)

    def _take_snapshot(self, chain: Chain, snapshot: Snapshot) -> None:
        if chain.overlaps(snapshot):
            self.panes.miss((snapshot.pane_start_ms,))
        if self.panes.take_snapshot(chain, snapshot) and chain.is_torn:
            pane_end_ms = snapshot.pane_start_ms + self._pane_ms
            self._mend(chain, pane_end_ms + self.inputs.lateness_ms)

    def _take_ledger(self, chain: Chain, ledger: Ledger) -> None:
        finished = chain.take_ledger(ledger)
        if finished is not None:
            self.panes.fold(finished)
            self.panes.miss(start for start in ledger.panes if start not in finished)

    def _mend(self, chain: Chain, time_ms: int) -> None:
        """What was passed over happened before this time."""
        chain.is_torn = False
        self.panes.miss_before(time_ms)

    def reach(self, clock_ms: int) -> None:
        """All panes that end by then are closed for good."""
        reached = clock_ms - clock_ms % self._pane_ms
        closed = self.panes.closed_until_ms
        self.panes.closed_until_ms = reached if closed is None else max(closed, reached)
