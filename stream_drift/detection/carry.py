"""Taking arrays per direction from one table of directions to another."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.audit import Audit
from stream_drift.detection.clean_panes import CleanPanes
from stream_drift.detection.season import Season

State = TypeVar("State")
Places = NDArray[np.int64]
"""Per direction of the new table its index in the old one; -1 where it is new."""
_DIRECTIONS_SECOND = {
    (Season, "levels"),
    (Audit, "mixed"),
    (CleanPanes, "lag_squares"),
    (CleanPanes, "lag_pairs"),
}
_OF_NO_DIRECTION = {(Audit, "peaks"), (Audit, "today")}


def places_of(new: tuple[bytes, ...], old: tuple[bytes, ...]) -> Places:
    """Where the old table has the new one's directions.

    Examples
    --------
    >>> places_of((b"b", b"c"), (b"a", b"b")).tolist()
    [1, -1]
    """
    place = {identity: i for i, identity in enumerate(old)}
    return np.array([place.get(identity, -1) for identity in new], np.int64)


def carried(old: State, fresh: State, places: Places) -> State:
    """``old`` with the directions of ``fresh``, which says what new ones begin with.

    Parameters
    ----------
    old, fresh
        Dataclasses of one type whose arrays have an axis of directions.
    """
    cls: Any = type(old)
    found = cls.__new__(cls)
    for field in fields(cls):
        name = field.name
        value, start = getattr(old, name), getattr(fresh, name)
        if is_dataclass(value):
            value = carried(value, start, places)
        elif isinstance(value, np.ndarray) and (cls, name) not in _OF_NO_DIRECTION:
            value = rows_at(value, start, places, int((cls, name) in _DIRECTIONS_SECOND))
        object.__setattr__(found, name, value)
    return found  # type: ignore[no-any-return]  # made of its type above


def rows_at(old: Any, fresh: Any, places: Places, axis: int = 0) -> Any:
    """An array on another table: rows of ``old`` where it has them, else those of ``fresh``."""
    found = np.moveaxis(fresh.copy(), axis, 0)
    known = places >= 0
    found[known] = np.moveaxis(old, axis, 0)[places[known]]
    return np.ascontiguousarray(np.moveaxis(found, 0, axis))
