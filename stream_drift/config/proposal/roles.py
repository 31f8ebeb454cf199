"""Which field is the id, the time, the prediction, its score and the label: by name and values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from stream_drift.config.proposal.columns import MOSTLY, Column
from stream_drift.events.time import times_ms

Role = Literal["event_id", "time", "prediction", "score", "label"]

ID_NAME = re.compile(r"(^|_|-)(id|uuid|guid|key)$|[a-z](Id|ID|Uuid|UUID|Key)$", re.ASCII)
TIME_NAME = re.compile(r"time|date|(^|_)(ts|at|when)$|[a-z]At$", re.IGNORECASE)
PREDICTION_NAME = re.compile(
    r"^(y_?pred|y_?hat|pred(iction)?|predicted(_\w+)?|decision|model_output)$|_(pred|prediction)$",
    re.IGNORECASE,
)
SCORE_NAME = re.compile(r"proba|probability|score|confidence|likelihood", re.IGNORECASE)
LABEL_NAME = re.compile(
    r"^(y|y_?true|label|target|ground_?truth|truth|actual|outcome|class)$|_(label|target|actual)$",
    re.IGNORECASE,
)
OUTCOME_NAME = re.compile(
    r"^(is_|has_|was_)?(cancell?ed|fraud(ulent)?|churn(ed)?|default(ed)?|converted|clicked|"
    r"purchased|bought|paid|repaid|returned|survived|readmitted|delinquent)$",
    re.IGNORECASE,
)
"""What models of two classes often predict."""
EARLIEST_MS, LATEST_MS = 631_152_000_000, 4_102_444_800_000
"""1990 and 2100: what lies outside is no event time."""
MOST_CLASSES = 50
TWO_CLASSES = 2
FEW_EVENTS = 20
"""Among fewer events anything is unique."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A field for a role, why it was taken, and the others that would do."""

    column: Column
    reason: str
    others: tuple[str, ...] = ()


def find_roles(columns: Sequence[Column]) -> dict[Role, Choice]:
    """One field at most for each role, and no field for two."""
    finders: dict[Role, Callable[[Sequence[Column]], Choice | None]] = {
        "time": _time,
        "event_id": _event_id,
        "prediction": _prediction,
        "score": _score,
        "label": _label,
    }
    found: dict[Role, Choice] = {}
    for role, find in finders.items():
        taken = {choice.column.path for choice in found.values()}
        free = [c for c in columns if c.path not in taken and c.n_values > 0 and c.can_be_read]
        choice = find(free)
        if choice is not None:
            found[role] = choice
    return found


def column_times_ms(column: Column) -> list[int] | None:
    """The plausible times in the order of the events, if all values but a few are such."""
    values = [value for value in column.rows if value is not None]
    if not values:
        return None
    times = times_ms(values)
    plausible = (times >= EARLIEST_MS) & (times < LATEST_MS)
    return times[plausible].tolist() if plausible.mean() >= MOSTLY else None


def is_time(column: Column) -> bool:
    """Whether the field holds times: texts that read as such, or numbers with the name of one."""
    if column.n_texts >= MOSTLY * column.n_values or TIME_NAME.search(column.path[-1]):
        return column_times_ms(column) is not None
    return False


def _time(columns: Sequence[Column]) -> Choice | None:
    found = [c for c in columns if c.is_everywhere and is_time(c)]
    ranked = sorted(found, key=lambda c: TIME_NAME.search(c.path[-1]) is None)
    return _first(ranked, lambda c: f"a plausible time in {_so_many(c, _n_times(c))}")


def _event_id(columns: Sequence[Column]) -> Choice | None:
    unique = [
        c
        for c in columns
        if c.is_unique
        and len(c.rows) >= FEW_EVENTS
        and (c.n_texts >= MOSTLY * c.n_values or (c.is_whole and ID_NAME.search(c.path[-1])))
        and not is_time(c)
    ]
    ranked = sorted(unique, key=lambda c: ID_NAME.search(c.path[-1]) is None)
    return _first(ranked, lambda c: f"a value of its own in {_so_many(c, c.n_distinct)}")


def _n_times(column: Column) -> int:
    return len(column_times_ms(column) or ())


def _so_many(column: Column, n: int) -> str:
    """Says it where some events have none: they keep their offset, or are rejected."""
    n_rows = len(column.rows)
    return "every event" if n == n_rows else f"{n:,} of {n_rows:,} events"


def _prediction(columns: Sequence[Column]) -> Choice | None:
    named = [c for c in columns if PREDICTION_NAME.search(c.path[-1]) and not c.n_lists]
    return _first(named, "by its name")


def _score(columns: Sequence[Column]) -> Choice | None:
    named = [
        c
        for c in columns
        if SCORE_NAME.search(c.path[-1])
        and c.n_numbers == c.n_values
        and c.low >= 0
        and c.high <= 1
    ]
    ranked = sorted(named, key=lambda c: "pred" not in c.path[-1].lower())
    return _first(ranked, "by its name, and all values lie from 0 to 1")


def _label(columns: Sequence[Column]) -> Choice | None:
    named = [
        c
        for c in columns
        if (LABEL_NAME.search(c.path[-1]) and c.n_distinct <= MOST_CLASSES)
        or (OUTCOME_NAME.search(c.path[-1]) and c.n_distinct <= TWO_CLASSES)
    ]
    return _first(named, "by its name")


def _first(ranked: Sequence[Column], reason: str | Callable[[Column], str]) -> Choice | None:
    if not ranked:
        return None
    best = ranked[0]
    why = reason if isinstance(reason, str) else reason(best)
    return Choice(best, why, tuple(column.name for column in ranked[1:]))
