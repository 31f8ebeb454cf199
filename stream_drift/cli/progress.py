"""A progress bar on stderr, only where somebody watches a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from stream_drift.runtime.replay import Tell


@contextmanager
def progress_bar(what: str) -> Iterator[Tell]:
    """Shows ``what``, the step at hand and how many records are done; gone at the end."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("records"),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(what, total=None)

        def tell(step: str, n_done: int, total: int | None) -> None:
            progress.update(task, description=f"{what}: {step}", completed=n_done, total=total)

        yield tell
