"""Results for people: on stdout, or as a page in a file."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console, RenderableType

from stream_drift.errors import UsageError

WIDTH_OF_A_FILE = 160
"""A pipe or a file has no width of its own."""


def print_result(*parts: RenderableType) -> None:
    """Print one below the other, as wide as the terminal."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH_OF_A_FILE)
    for part in parts:
        console.print(part)


def write_text(path: Path, text: str) -> None:
    """Write a file.

    Raises
    ------
    UsageError
        Where it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror}"
        raise UsageError(message) from error
