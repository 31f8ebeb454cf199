"""A reference on exactly the features that a monitor watches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stream_drift.errors import ReferenceFileError
from stream_drift.profiles.codec import pack_profile, unpack_profile
from stream_drift.profiles.layout import Extra, Layout
from stream_drift.reference.build import Reference


def fit_reference(
    reference: Reference, numbers: Sequence[str], categories: Sequence[str], pane_ms: int
) -> Reference:
    """The reference's counts of these features, in this order, for panes of this length.

    Features that are no longer watched are left out.

    Raises
    ------
    ReferenceFileError
        Where a watched feature is not in the reference, or is of another type there.
    """
    old = reference.layout
    known_numbers = {part.name: part for part in old.numbers}
    known_categories = {part.name: part for part in old.categories}
    absent = [f"{name} (number)" for name in numbers if name not in known_numbers]
    absent += [f"{name} (category)" for name in categories if name not in known_categories]
    if absent:
        message = (
            f"the reference {reference.id} lacks {', '.join(absent)}: build it again with "
            "`stream-drift reference build`"
        )
        raise ReferenceFileError(message)
    layout = Layout(
        tuple(known_numbers[name] for name in numbers),
        tuple(known_categories[name] for name in categories),
        pane_ms,
    )
    events, parts, *_ = pack_profile(reference.profile)
    by_name = dict(zip(old.names, parts, strict=True))
    packed = [
        [identity, *by_name[name][1:]]
        for identity, name in zip(layout.ids, layout.names, strict=True)
    ]
    profile = unpack_profile([events, packed], layout)
    return Reference(reference.id, reference.created_at, reference.n, profile)


def with_extras(reference: Reference, extras: tuple[Extra, ...]) -> Reference:
    """The reference on a layout with further stretches, of which it knows nothing."""
    layout = replace(reference.layout, extras=extras)
    profile = unpack_profile(pack_profile(reference.profile), layout)
    return replace(reference, profile=profile)
