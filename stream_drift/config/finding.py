"""What a rule says."""

from __future__ import annotations

from dataclasses import dataclass

from stream_drift.config.mistakes import Path


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake at ``path``; it holds only while the paths that it uses are sound, too."""

    path: Path
    text: str
    uses: tuple[Path, ...] = ()
