"""A reference snapshot from events: choose the bins, then count."""

from __future__ import annotations

import hashlib
from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from stream_drift.errors import ReferenceFileError
from stream_drift.events.category import category_text
from stream_drift.events.columns import INVALID_CATEGORY, Columns
from stream_drift.events.mapping import EventMapping
from stream_drift.profiles.codec import pack_profile
from stream_drift.profiles.count import Counter
from stream_drift.profiles.joint import MAX_FEATURES, joint_layout
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import Profile
from stream_drift.profiles.row_codes import codes_of_cells
from stream_drift.reference.categories import category_layout
from stream_drift.reference.edges import number_layout
from stream_drift.reference.rows import ReferenceRows, chosen_rows

CHUNK_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class Reference:
    """What the model was accepted on, as counts, and a sample of its rows.

    Attributes
    ----------
    id
        Hash of the content: equal for equal data, whenever it was built.
    created_at
        ISO 8601 UTC.
    n
        Events.
    rows
        ``None``: none were kept.
    """

    id: str
    created_at: str
    n: int
    profile: Profile
    rows: ReferenceRows | None = None

    @property
    def layout(self) -> Layout:
        """The bins that the monitor's profiles use."""
        return self.profile.layout


def build_reference(
    mapping: EventMapping,
    events: Iterable[Columns],
    *,
    pane_ms: int,
    created_at: str,
    layout: Layout | None = None,
    joint: Sequence[str] = (),
    keep_rows: bool = False,
) -> Reference:
    """Choose bins from all events and count the events in them.

    Parameters
    ----------
    mapping
        Names the features; numbers and categories in layout order.
    events
        Decoded batches; all of them are held until the bins are known.
    layout
        Keep these bins instead of choosing new ones, so that baselines live on.
    joint
        Number features whose pairs are counted, as far as there is room, first ones first.
    keep_rows
        Whether a sample of the rows is kept.

    Raises
    ------
    ReferenceFileError
        Where there is no event, or a feature cannot be binned.
    """
    batches = [batch for batch in events if len(batch)]
    if not batches:
        message = "the reference holds no usable event: nothing to compare the live data with"
        raise ReferenceFileError(message)
    layout = layout or _choose_layout(mapping, batches, pane_ms)
    profile, rows = _count(mapping, layout, batches)
    digest = hashlib.blake2b(msgspec.msgpack.encode(pack_profile(profile)), digest_size=8)
    pairs = joint_layout(profile, tuple(joint[:MAX_FEATURES]))
    if pairs is not None:
        profile, _ = _count(mapping, replace(layout, extras=(pairs,)), batches)
    kept = rows if keep_rows else None
    return Reference(digest.hexdigest(), created_at, profile.events, profile, kept)


def _choose_layout(mapping: EventMapping, batches: list[Columns], pane_ms: int) -> Layout:
    numbers = []
    for i, field in enumerate(mapping.numbers):
        column = np.concatenate([batch.numbers[:, i] for batch in batches])
        numbers.append(number_layout(field.name, column[np.isfinite(column)]))
    categories = []
    for i, field in enumerate(mapping.categories):
        hits: Tally[str] = Tally()
        for batch in batches:
            hits.update(
                category_text(value)
                for value in batch.categories[i]
                if value is not None and value is not INVALID_CATEGORY
            )
        categories.append(category_layout(field.name, hits))
    return Layout(tuple(numbers), tuple(categories), pane_ms)


def _count(
    mapping: EventMapping, layout: Layout, batches: list[Columns]
) -> tuple[Profile, ReferenceRows]:
    carried = [field.name for field in (*mapping.numbers, *mapping.categories)]
    counter = Counter(layout, carried, counts_events=True)
    profile = Profile.empty(layout)
    chosen = chosen_rows(sum(map(len, batches)))
    codes = np.empty((len(chosen), layout.n_features), np.uint16)
    first = 0
    for batch in batches:
        coded = counter.code(batch)
        counter.add(profile, coded, slice(None), len(batch))
        here = (chosen >= first) & (chosen < first + len(batch))
        codes[here] = codes_of_cells(coded.cells[:, chosen[here] - first], layout)
        first += len(batch)
    return profile, ReferenceRows(codes)
