"""The sampled rows of open panes, until the clock passes their end."""

from __future__ import annotations

from dataclasses import dataclass, field

from stream_drift.profiles.rows import BlockRows, PaneRows, SourceRows, Sources, pane_rows

MAX_OPEN_ROWS = 65_536
"""More rows of finished blocks in all open panes halve the rate of the pane with the most."""


@dataclass(slots=True)
class OpenRows:
    """Per pane start, the rows of its finished blocks.

    Unless `MAX_OPEN_ROWS` strikes, what comes out does not depend on when blocks are finished.
    """

    panes: dict[int, Sources] = field(default_factory=dict)

    def fold(self, start_ms: int, block: BlockRows) -> None:
        """A block is accounted for: its rows become part of their pane."""
        if not block.names:
            return
        sources = self.panes.setdefault(start_ms, {})
        sources.setdefault(block.names, SourceRows(block.rate)).add(block)
        while self.n_rows > MAX_OPEN_ROWS:
            self._halve()

    @property
    def n_rows(self) -> int:
        """Rows of all open panes."""
        return sum(map(_size, self.panes.values()))

    def _halve(self) -> None:
        fullest = max(self.panes, key=lambda start: (_size(self.panes[start]), -start))
        for source in self.panes[fullest].values():
            source.lower(source.rate / 2)

    def close(self, start_ms: int, names: tuple[str, ...], *, joined: bool) -> PaneRows:
        """The pane's rows, once all its blocks are folded; see `pane_rows`."""
        return pane_rows(names, self.panes.pop(start_ms, {}), joined=joined)


def _size(sources: Sources) -> int:
    return sum(len(source.rows) for source in sources.values())
