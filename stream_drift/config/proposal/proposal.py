"""Everything that a look at some events suggests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stream_drift.config.proposal.columns import Column, Event, columns_of
from stream_drift.config.proposal.features import Verdict, verdicts
from stream_drift.config.proposal.roles import (
    TWO_CLASSES,
    Choice,
    Role,
    column_times_ms,
    find_roles,
)
from stream_drift.config.proposal.volume import Volume, volume_of
from stream_drift.config.settings import Task
from stream_drift.events.category import category_text

MOST_CLASSES = 20
POSITIVES = ("1", "true", "yes", "y", "positive", "pos", "fraud", "default", "churn")


@dataclass(frozen=True, slots=True)
class Proposal:
    """Roles, features and volume; ``volume`` is ``None`` where no field tells the time.

    Attributes
    ----------
    positive
        The class that probably counts as positive, and why, where there are two.
    """

    n_events: int
    roles: dict[Role, Choice]
    features: tuple[Verdict, ...]
    volume: Volume | None
    task: Task | None
    positive: tuple[str, str] | None


def propose(events: Sequence[Event], *, texts_only: bool) -> Proposal:
    """Look at the events.

    Parameters
    ----------
    texts_only
        As for `columns_of`.
    """
    columns = columns_of(events, texts_only=texts_only)
    roles = find_roles(columns)
    taken = {choice.column.path for choice in roles.values()}
    times = column_times_ms(roles["time"].column) if "time" in roles else None
    task = _task(roles)
    return Proposal(
        n_events=len(events),
        roles=roles,
        features=tuple(verdicts([column for column in columns if column.path not in taken])),
        volume=None if times is None else volume_of(times),
        task=task,
        positive=_positive(roles) if task == "binary" else None,
    )


def _task(roles: dict[Role, Choice]) -> Task | None:
    if "prediction" not in roles:
        return "binary" if "score" in roles else None
    column = roles["prediction"].column
    if column.n_numbers == column.n_values and (
        not column.is_whole or column.n_distinct > MOST_CLASSES
    ):
        return "regression"
    return "binary" if column.n_distinct <= TWO_CLASSES else "multiclass"


def _positive(roles: dict[Role, Choice]) -> tuple[str, str] | None:
    """By its name, else the class with the higher scores, else the rarer one."""
    if "prediction" not in roles:
        return None
    column = roles["prediction"].column
    named = [text for text in column.values if text.lower() in POSITIVES]
    if named:
        return named[0], "by its name"
    if "score" in roles:
        means = _mean_scores(column, roles["score"].column)
        return max(means, key=lambda text: means[text]), "the class with the higher scores"
    return min(column.values, key=lambda text: column.values[text]), "the rarer of the two"


def _mean_scores(classes: Column, scores: Column) -> dict[str, float]:
    by_class: dict[str, list[float]] = {text: [] for text in classes.values}
    for value, score in zip(classes.rows, scores.rows, strict=True):
        if isinstance(score, int | float) and value is not None:
            by_class[category_text(value)].append(float(score))
    return {text: sum(found) / len(found) if found else 0.0 for text, found in by_class.items()}
