"""Tables in the docs that a command writes, between two comments that name them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs" / "statistics.md"


def rows(head: Sequence[str], body: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return [f"| {' | '.join(line)} |" for line in lines]


def write_table(path: Path, title: str, lines: Sequence[str]) -> None:
    """Replace what stands between ``<!-- title -->`` and ``<!-- end of title -->``."""
    begin, end = f"<!-- {title} -->", f"<!-- end of {title} -->"
    before, _, rest = path.read_text().partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        message = f"{path} has no place for {title!r}"
        raise ValueError(message)
    path.write_text("\n".join([f"{before}{begin}", *lines, f"{end}{after}"]))
