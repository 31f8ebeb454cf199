"""What to read from a record of one input, for one monitor: the settings of the decoder."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str, ...]
"""A compiled dotted path: ``price.adr`` is ``("price", "adr")``.

A top-level key ``"price.adr"`` wins over the nested one unless it is null. A path that leads
through anything but objects leads nowhere: the value is absent.
"""


@dataclass(frozen=True, slots=True)
class Field:
    """One watched column: its feature name and where it stands in the event."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Filter:
    """Only events whose ``path`` reads as ``equals`` (compared as category text) are meant."""

    path: Path
    equals: str


@dataclass(frozen=True, slots=True)
class EventMapping:
    """How one input's records become events of one monitor.

    Attributes
    ----------
    numbers, categories
        The watched columns by type, in layout order; the reserved features ``prediction`` and
        ``score`` are among them where the input carries predictions.
    event_id, time
        ``None``: the offset is the identity, the record's timestamp is the time.
    where
        ``None``: every record of the topic is an event of this monitor.
    """

    numbers: tuple[Field, ...]
    categories: tuple[Field, ...]
    event_id: Path | None = None
    time: Path | None = None
    where: Filter | None = None
