"""What is wrong with a configuration: where it stands, and in words for the person who wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Where a value stands in the configuration: keys and list positions from the top."""

SHOWN_CHARACTERS = 60
LISTED_OPTIONS = 40


@dataclass(frozen=True, slots=True)
class Place:
    """Where text was read: a file with line and column (from 1), or an environment variable."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to put right; ``text`` never holds a secret."""

    place: Place
    path: Path
    text: str

    def __str__(self) -> str:
        where = f"{path_text(self.path)}: " if self.path else ""
        return f"{self.place}: {where}{self.text}"

    @property
    def order(self) -> tuple[bool, int, int, str]:
        """Lines of the file from top to bottom, then environment variables."""
        return (not self.place.line, self.place.line, self.place.column, str(self))


def report(mistakes: Iterable[Mistake]) -> str:
    """One line per mistake, and how many there are."""
    lines = [str(mistake) for mistake in sorted(set(mistakes), key=lambda each: each.order)]
    count = f"{len(lines)} mistakes" if len(lines) > 1 else "1 mistake"
    return "\n".join([*lines, f"{count} in the configuration"])


def path_text(path: Path) -> str:
    """The path as people write it; a key that would not be seen as one is in quotes.

    Examples
    --------
    >>> print(path_text(("monitors", "hotel", "features", "a b")), path_text(("inputs", 0)))
    monitors.hotel.features.'a b' inputs[0]
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{_key(step)}" for step in path)
    return text.removeprefix(".")


def _key(key: str) -> str:
    return key if key.isprintable() and len(key.split()) == 1 and key == key.strip() else repr(key)


def nearest(word: str, options: Iterable[str]) -> str | None:
    """The option that was probably meant; upper and lower case are the same."""
    by_folded = {option.casefold(): option for option in options}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None


def one_of(word: str, options: Iterable[str]) -> str:
    """The nearest option as a question, else the list of them where it can be read.

    Examples
    --------
    >>> one_of("numbr", ["number", "category"])
    "did you mean 'number'?"
    >>> one_of("x", ["number", "category"])
    'known: number, category'
    """
    known = list(options)
    meant = nearest(word, known)
    if meant is not None:
        return f"did you mean {meant!r}?"
    more = ", …" if len(known) > LISTED_OPTIONS else ""
    return f"known: {', '.join(known[:LISTED_OPTIONS])}{more}"


def shown(value: object) -> str:
    """A value as a message may quote it: short, and never the inside of a list or mapping."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            text = str(value)
            return repr(text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…")
