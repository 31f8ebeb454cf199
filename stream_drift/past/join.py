"""Rows of several inputs put together: features, predictions, labels."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from stream_drift.past.rows import Row, Value

LABEL = "label"
ENTITY = "(entity)"
"""Columns beside the features; the entity is read only where labels know nothing else."""


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns of rows, sorted by event time."""

    names: tuple[str, ...]
    rows: list[Row]

    def column(self, name: str) -> list[Value]:
        """The values of one column."""
        at = self.names.index(name)
        return [row.values[at] for row in self.rows]

    def only(self, names: tuple[str, ...]) -> Table:
        """The table with these columns; those that it has not are empty."""
        places = [self.names.index(name) if name in self.names else None for name in names]
        rows = [
            row._replace(values=tuple(None if at is None else row.values[at] for at in places))
            for row in self.rows
        ]
        return Table(names, rows)

    def without(self, name: str) -> Table:
        """The table with one column less."""
        at = self.names.index(name)
        rows = [row._replace(values=row.values[:at] + row.values[at + 1 :]) for row in self.rows]
        return Table(self.names[:at] + self.names[at + 1 :], rows)

    def with_column(self, name: str, values: Iterable[Value]) -> Table:
        """The table with one column more, at the end."""
        rows = [
            row._replace(values=(*row.values, value))
            for row, value in zip(self.rows, values, strict=True)
        ]
        return Table((*self.names, name), rows)


def join_ids(base: Table, other: Table) -> Table:
    """The base's rows, each with what the other says of the same id.

    Of several rows with one id the last in time counts; columns that the base has stay.
    """
    known = {row.id: row for row in other.rows}
    for at, name in enumerate(other.names):
        if name not in base.names:
            found = [known.get(row.id) for row in base.rows]
            base = base.with_column(name, [row and row.values[at] for row in found])
    return base


def join_entities(base: Table, labels: Table) -> Table:
    """Labels that know an entity, not an event: the entity's last row before the label gets it."""
    rows_of: dict[Value, list[int]] = {}
    for i, entity in enumerate(base.column(ENTITY)):
        rows_of.setdefault(entity, []).append(i)
    times_of = {entity: [base.rows[i].time_ms for i in rows] for entity, rows in rows_of.items()}
    found: list[Value] = [None] * len(base.rows)
    for label, entity, row in zip(
        labels.column(LABEL), labels.column(ENTITY), labels.rows, strict=True
    ):
        n_before = bisect_right(times_of.get(entity, ()), row.time_ms)
        if entity is not None and n_before:
            found[rows_of[entity][n_before - 1]] = label
    return base.without(ENTITY).with_column(LABEL, found)
