"""A reference on exactly the features that a monitor watches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stream_drift.errors import ReferenceFileError
from stream_drift.profiles.codec import pack_profile, unpack_profile
from stream_drift.profiles.joint import JOINT, MAX_FEATURES, joint_layout, joint_of
from stream_drift.profiles.layout import Extra, Layout
from stream_drift.profiles.profile import Profile
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
    rows = reference.rows
    if rows is not None:
        rows = rows.of([old.names.index(name) for name in layout.names])
    return Reference(reference.id, reference.created_at, reference.n, profile, rows)


def with_joint(reference: Reference, source: Reference, features: Sequence[str]) -> Reference:
    """The reference with the pairs of these features, as far as another one counted them.

    Parameters
    ----------
    reference
        As `fit_reference` made it from ``source``.
    features
        First ones first; there is room for `MAX_FEATURES`.
    """
    counted = joint_of(source.layout)
    if counted is None:
        return reference
    wanted = tuple(name for name in features if name in counted.features)[:MAX_FEATURES]
    joint = joint_layout(reference.profile, wanted)
    if joint is None:
        return reference
    layout = replace(reference.layout, extras=(*reference.layout.extras, joint))
    profile = on_layout(reference.profile, layout)
    places = np.array([counted.features.index(name) for name in wanted])
    n = len(counted.features)
    table = np.zeros((n, n), np.int64)
    table[counted.pairs] = source.profile.view(JOINT)
    table += table.T
    first, second = joint.pairs
    profile.view(JOINT)[:] = table[places[first], places[second]]
    return replace(reference, profile=profile)


def on_layout(profile: Profile, layout: Layout) -> Profile:
    """The same counts where the layouts agree, none elsewhere."""
    return unpack_profile(pack_profile(profile), layout)


def with_extras(reference: Reference, extras: tuple[Extra, ...]) -> Reference:
    """The reference on a layout with further stretches, of which it knows nothing."""
    layout = replace(reference.layout, extras=(*reference.layout.extras, *extras))
    return replace(reference, profile=on_layout(reference.profile, layout))
