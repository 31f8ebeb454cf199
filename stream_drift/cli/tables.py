"""Results on stdout, for people."""

from __future__ import annotations

from rich.console import Console, RenderableType

WIDTH_OF_A_FILE = 160
"""A pipe or a file has no width of its own."""


def print_result(*parts: RenderableType) -> None:
    """Print one below the other, as wide as the terminal."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH_OF_A_FILE)
    for part in parts:
        console.print(part)
