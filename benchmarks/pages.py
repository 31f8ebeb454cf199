"""Tables in docs/ that a command writes: each between two marks that name it."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def write_part(page: str, name: str, text: str) -> None:
    """Replace what stands between the marks of ``name`` on a page.

    Raises
    ------
    ValueError
        Where the page has no such marks.
    """
    path = DOCS / page
    begin, end = f"<!-- benchmarks {name} -->\n", f"<!-- end {name} -->\n"
    whole, n_found = re.subn(
        f"(?<={re.escape(begin)}).*?(?={re.escape(end)})",
        lambda _: f"\n{text.strip()}\n\n",
        path.read_text(),
        flags=re.DOTALL,
    )
    if n_found != 1:
        message = f"{path} has no place marked {begin.strip()}"
        raise ValueError(message)
    path.write_text(whole)
