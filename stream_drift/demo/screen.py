"""What the demo shows: a live table on a terminal, a line per event of note elsewhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from stream_drift.demo.config import WINDOW
from stream_drift.engine.effects import PaneClosed
from stream_drift.incidents.alert import iso

BAR_WIDTH = 30
BAR_FULL_PSI = 1.0
LIMIT_PSI = 0.2
KEPT_NOTES = 6


class Screen:
    """Draws the state of the demo; `note` lines stay visible below the table."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._notes: deque[str] = deque(maxlen=KEPT_NOTES)
        self._live = Live(console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> Screen:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.console.is_terminal:
            self._live.stop()

    def note(self, line: str) -> None:
        """Say something that a reader should not miss."""
        self._notes.append(line)
        if not self.console.is_terminal:
            self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def draw(self, n_events: int, events_per_second: float, pane: PaneClosed | None) -> None:
        """Show the state as it is now."""
        if not self.console.is_terminal:
            return
        head = f"{n_events:,} events read   {events_per_second:,.0f} events/s"
        if pane is not None:
            head += f"   pane {iso(pane.start_ms)} closed"
        body: list[RenderableType] = [Text(head, style="bold")]
        if pane is not None:
            body.append(_scores(pane))
        body += [Text(line) for line in self._notes]
        self._live.update(Panel(Group(*body), title="stream-drift demo: loan-approval"))

    def plain(self, pane: PaneClosed) -> None:
        """One line per closed pane, where there is no terminal to draw on."""
        if self.console.is_terminal:
            return
        worst = sorted(psi_by_feature(pane), key=lambda item: -(item[1] or 0.0))[:3]
        shown = "  ".join(f"{name} {psi:.3f}" for name, psi in worst if psi is not None)
        text = f"pane {iso(pane.start_ms)} closed, {pane.profile.events} events; psi: {shown}"
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)


def psi_by_feature(pane: PaneClosed) -> Iterable[tuple[str, float | None]]:
    """The debiased psi of every feature over the demo's window."""
    for window in pane.scores:
        if window.name == WINDOW:
            for line in window.lines.values():
                if line.score == "psi" and line.feature is not None:
                    yield line.feature, line.value


def _scores(pane: PaneClosed) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("feature")
    table.add_column(f"psi over {WINDOW}", justify="right")
    table.add_column(f"limit {LIMIT_PSI}", no_wrap=True)
    for name, psi in psi_by_feature(pane):
        value = psi or 0.0
        filled = round(min(value / BAR_FULL_PSI, 1.0) * BAR_WIDTH)
        style = "red" if value > LIMIT_PSI else "green"
        bar = Text("█" * filled, style=style)
        table.add_row(name, "-" if psi is None else f"{psi:.3f}", bar)
    return table
