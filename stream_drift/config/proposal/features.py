"""Which fields to watch, and as what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from stream_drift.config.fields import ALL_FEATURES, LONGEST_NAME
from stream_drift.config.proposal.columns import MOSTLY, Column
from stream_drift.config.proposal.roles import FEW_EVENTS, ID_NAME, is_time
from stream_drift.config.settings import RESERVED_FEATURES

MOSTLY_NUMBERS = MOSTLY
"""With fewer numbers among its values, what is no number would be counted as invalid."""
MANY_NUMBERS = 0.8
"""Enough where it cannot be a category: a field that a broken feed spoiled for some days."""
MANY_VALUES_SHARE = 0.5
MANY_VALUES = 2_000
LONG_TEXT = 200
MOST_CODES = 100
CODE_NAME = re.compile(
    r"(^|_)(id|code|type|kind|class|category|zone|zip|day|weekday|month|hour|agent|company|flag)$",
    re.IGNORECASE,
)
EXAMPLES = 3
SMALLEST_SHARE = 0.01
EXAMPLE_CHARACTERS = 20

Kind = Literal["number", "category"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a field; without a kind it is left out.

    ``name`` is the feature's, ``path`` where its field stands, both as written in the file.
    """

    name: str
    path: str
    kind: Kind | None
    reason: str


def verdicts(columns: Sequence[Column]) -> list[Verdict]:
    """A verdict for every field that has no other role."""
    names = Counter(column.name for column in columns)
    return [_verdict(column, names) for column in columns]


def _verdict(column: Column, names: Mapping[str, int]) -> Verdict:
    left_out = _left_out(column)
    if names[column.name] > 1 and len(column.path) > 1:
        left_out = "a flat field has the same dotted path, and that one is read"
    if left_out is not None:
        return Verdict(column.name, column.name, None, left_out)
    kind, reason = _kind(column)
    name = column.name
    while name in RESERVED_FEATURES or (name != column.name and name in names):
        name = f"{name}_"
    return Verdict(name, column.name, kind, reason)


def _left_out(column: Column) -> str | None:
    """Why the field cannot be watched, or is not worth it."""
    n = column.n_values
    if not column.can_be_read:
        return "no dotted path leads to it"
    if not column.name.strip() or column.name == ALL_FEATURES:
        return "its name is none that a feature can have"
    if len(column.name) > LONGEST_NAME:
        return f"its name is longer than {LONGEST_NAME} characters"
    if column.n_lists:
        return "lists are not watched"
    if n == 0:
        return "it never has a value"
    if is_time(column):
        return "a time"
    if column.n_numbers >= MOSTLY_NUMBERS * n and not column.is_whole:
        return None
    return _too_various(column)


def _too_various(column: Column) -> str | None:
    n, n_distinct = column.n_values, column.n_distinct
    if column.is_unique and n >= FEW_EVENTS and ID_NAME.search(column.path[-1]):
        return "an id: every event has a value of its own"
    if column.n_numbers >= MOSTLY_NUMBERS * n:
        return None
    if column.longest_text > LONG_TEXT:
        return f"texts of up to {column.longest_text} characters"
    if _has_many_values(column) and not _is_spoiled(column):
        words = f"{n_distinct} different values in {n} events are too many for a category"
        return f"{words}{_number_hint(column)}"
    return None


def _has_many_values(column: Column) -> bool:
    n, n_distinct = column.n_values, column.n_distinct
    return n_distinct > MANY_VALUES or (n >= FEW_EVENTS and n_distinct > MANY_VALUES_SHARE * n)


def _is_spoiled(column: Column) -> bool:
    """Whether it is a number too various for a category, with more bad values than usual."""
    return column.n_numbers >= MANY_NUMBERS * column.n_values and _has_many_values(column)


def _kind(column: Column) -> tuple[Kind, str]:
    n = column.n_values
    if _is_spoiled(column) and column.n_numbers < MOSTLY_NUMBERS * n:
        return "number", f"{_number_reason(column)}; the others count as invalid"
    if column.n_booleans == n:
        return "category", f"true or false; {_most_frequent(column)}"
    if column.n_numbers < MOSTLY_NUMBERS * n:
        numbers = f"{column.n_numbers} of {n} values are numbers; " if column.n_numbers else ""
        return "category", f"{numbers}{_distinct(column)}{_number_hint(column)}"
    if column.is_whole and set(column.values) == {"0", "1"}:
        return "category", f"only 0 and 1; {_most_frequent(column)}"
    if column.is_whole and column.n_distinct <= MOST_CODES and CODE_NAME.search(column.path[-1]):
        return "category", f"{column.n_distinct} whole numbers, and by its name they are codes"
    return "number", _number_reason(column)


def _distinct(column: Column) -> str:
    if column.n_distinct == 1:
        return f"always {_most_frequent(column).removesuffix(' 100%')}"
    return f"{column.n_distinct} different values; {_most_frequent(column)}"


def _number_hint(column: Column) -> str:
    if not column.reads_as_numbers:
        return ""
    return "; to watch it as a number, write it without quotes in the events"


def _number_reason(column: Column) -> str:
    n_rows, n = len(column.rows), column.n_values
    whole = "whole " if column.is_whole else ""
    counted = f"all {n}" if column.n_numbers == n_rows else f"{column.n_numbers} of {n_rows}"
    if column.n_distinct == 1:
        return f"{counted} values are {column.low:g}"
    return f"{counted} values are {whole}numbers, {column.low:g} to {column.high:g}"


def _most_frequent(column: Column) -> str:
    top = column.values.most_common(EXAMPLES)
    return ", ".join(f"{_short(text)} {_share(count / column.n_values)}" for text, count in top)


def _share(share: float) -> str:
    return f"{share:.0%}" if share >= SMALLEST_SHARE else "<1%"


def _short(text: str) -> str:
    text = text if text.isprintable() and text.strip() else repr(text)
    return text if len(text) <= EXAMPLE_CHARACTERS else text[: EXAMPLE_CHARACTERS - 1] + "…"
