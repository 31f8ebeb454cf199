"""What stands in each field of some events."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from stream_drift.config.values import REAL
from stream_drift.events.category import category_text

MAX_DISTINCT = 20_000
"""More different values of a field are not told apart."""

Event = Mapping[str, object]

MOSTLY = 0.95
"""What holds for this share of the events is taken to be meant; the rest are bad records."""


@dataclass(slots=True)
class Column:
    """One field of the events, seen at ``path``; its values by what they are.

    Attributes
    ----------
    values
        How often each value was seen, as category text.
    rows
        The value of every event as it came; ``None`` where there is none.
    low, high
        Of the numbers.
    """

    path: tuple[str, ...]
    n_numbers: int = 0
    n_texts: int = 0
    n_booleans: int = 0
    n_lists: int = 0
    n_whole: int = 0
    low: float = math.inf
    high: float = -math.inf
    longest_text: int = 0
    values: Counter[str] = field(default_factory=Counter)
    rows: list[object] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The dotted path."""
        return ".".join(self.path)

    @property
    def can_be_read(self) -> bool:
        """Whether a dotted path leads to it; a flat key may hold dots, a nested one may not."""
        is_ambiguous = len(self.path) > 1 and any("." in part for part in self.path)
        return not is_ambiguous and all(self.name.split("."))

    @property
    def n_values(self) -> int:
        """Events with a value that is no list."""
        return self.n_numbers + self.n_texts + self.n_booleans

    @property
    def n_distinct(self) -> int:
        """Different values."""
        return len(self.values)

    @property
    def is_whole(self) -> bool:
        """Whether all of its values are whole numbers."""
        return 0 < self.n_values == self.n_whole

    @property
    def is_unique(self) -> bool:
        """Whether events have a value of their own; a few bad records do not count."""
        return self.is_everywhere and self.n_distinct >= MOSTLY * self.n_values

    @property
    def is_everywhere(self) -> bool:
        """Whether all events but a few bad ones have a value."""
        return self.n_values >= MOSTLY * len(self.rows) > 0

    @property
    def reads_as_numbers(self) -> bool:
        """Whether its values are texts that numbers were written as."""
        return 0 < self.n_texts == self.n_values and all(map(REAL.fullmatch, self.values))

    def add(self, value: object) -> None:
        """Take the value of the next event."""
        self.rows.append(value)
        match value:
            case bool():
                self.n_booleans += 1
            case int() | float():
                self._add_number(float(value))
            case str():
                self.n_texts += 1
                self.longest_text = max(self.longest_text, len(value))
            case list():
                self.n_lists += 1
        if isinstance(value, str | int | float) and self.n_distinct < MAX_DISTINCT:
            self.values[category_text(value)] += 1

    def _add_number(self, number: float) -> None:
        self.n_numbers += 1
        self.n_whole += number.is_integer()
        self.low, self.high = min(self.low, number), max(self.high, number)


def columns_of(events: Sequence[Event], *, texts_only: bool) -> list[Column]:
    """All fields, in the order of first sight; nested objects by dotted paths.

    Parameters
    ----------
    texts_only
        The events come from a file that knows only texts: what reads as a number is one.
    """
    columns: dict[tuple[str, ...], Column] = {}
    for n_before, event in enumerate(events):
        for path, value in _leaves(event):
            column = columns.get(path)
            if column is None:
                column = columns[path] = Column(path)
            if len(column.rows) < n_before:
                column.rows.extend([None] * (n_before - len(column.rows)))
            column.add(_number_in(value) if texts_only else _finite(value))
    for column in columns.values():
        column.rows.extend([None] * (len(events) - len(column.rows)))
    return list(columns.values())


def _leaves(event: Event, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, value in event.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _number_in(value: object) -> object:
    if not isinstance(value, str):
        return _finite(value)
    text = value.strip()
    if text.lower() == "nan":
        return None
    if not REAL.fullmatch(text):
        return value
    return _finite(float(text)) if "." in text or "e" in text.lower() else int(text)


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
