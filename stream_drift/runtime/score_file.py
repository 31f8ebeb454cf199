"""An append-only file of every published score."""

from __future__ import annotations

from pathlib import Path

from stream_drift.engine.effects import PaneClosed, PaneMatured
from stream_drift.runtime.score_json import score_lines


class ScoreFile:
    """Writes closed panes as JSON lines, whole panes at a time; nothing without a path."""

    def __init__(self, path: Path | None) -> None:
        self._file = None if path is None else path.open("ab")

    def write(self, monitor: str, pane: PaneClosed | PaneMatured) -> None:
        """Append a pane's scores."""
        if self._file is not None:
            self._file.write(b"".join(line + b"\n" for line in score_lines(monitor, pane)))
            self._file.flush()

    def close(self) -> None:
        """Write nothing more."""
        if self._file is not None:
            self._file.close()
