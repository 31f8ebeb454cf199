"""Profiles merge: in any order and grouping, from any batches, always to the same whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from stream_drift.engine.wire import decode_record, encode_record
from stream_drift.events.columns import INVALID, INVALID_CATEGORY, MISSING, NOT_FINITE, Columns
from stream_drift.events.record import PartitionId
from stream_drift.profiles.codec import pack_profile, unpack_profile
from stream_drift.profiles.count import Counter, name_new_values
from stream_drift.profiles.layout import (
    GRID_PER_SD,
    WINSOR_SD,
    CategoryLayout,
    Layout,
    NumberLayout,
)
from stream_drift.profiles.profile import Profile
from stream_drift.windows.log import Snapshot

CENTRE, UNIT = 0.3, 0.7
LAYOUT = Layout(
    (
        NumberLayout("x", (-1.0, 0.0, 2.5), (0, 1, 1, 2), CENTRE, UNIT),
        NumberLayout("y", (0.0, 1.0), (0, 1, 2), -1e9, 1e-6),
    ),
    (CategoryLayout("c", ("red", "blue"), ("grey",)), CategoryLayout("d", (), ())),
    60_000,
)
COUNTER = Counter(LAYOUT, LAYOUT.names, counts_events=True)

number = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-3, 3),
    st.sampled_from([MISSING, NOT_FINITE, INVALID, 0.0, -0.0, 5e-324, -1.0, 2.5]),
)
text = st.one_of(
    st.sampled_from(["red", "blue", "grey", "green", "", None, INVALID_CATEGORY, 17, 17.0, True]),
    st.text(max_size=3),
)
Row = tuple[float, float, object, object]
rows = st.lists(st.tuples(number, number, text, text), max_size=25)


def counted(events: Sequence[Row]) -> Profile:
    profile = Profile.empty(LAYOUT)
    n = len(events)
    offsets = np.arange(n)
    numbers = np.array([row[:2] for row in events], float).reshape(n, 2)
    categories = ([row[2] for row in events], [row[3] for row in events])
    coded = COUNTER.code(Columns(offsets, offsets, offsets, numbers, categories, None, ()))
    if n:
        COUNTER.add(profile, coded, slice(None), n)
        name_new_values(coded.new, {}, dict.fromkeys(range(n), profile))
    return profile


def merged(*profiles: Profile) -> Profile:
    total = Profile.empty(LAYOUT)
    for profile in profiles:
        total.add(profile)
    return total


@given(rows)
def test_the_empty_profile_is_the_identity(events: list[Row]) -> None:
    profile = counted(events)
    assert merged(profile) == profile == merged(profile, Profile.empty(LAYOUT))


@given(rows, rows)
def test_merging_ignores_order(one: list[Row], other: list[Row]) -> None:
    assert merged(counted(one), counted(other)) == merged(counted(other), counted(one))


@given(rows, rows, rows)
def test_merging_ignores_grouping(one: list[Row], other: list[Row], third: list[Row]) -> None:
    a, b, c = counted(one), counted(other), counted(third)
    assert merged(merged(a, b), c) == merged(a, merged(b, c))


@given(rows, rows)
def test_the_profile_of_all_is_the_merge_of_the_parts(one: list[Row], other: list[Row]) -> None:
    assert counted([*one, *other]) == merged(counted(one), counted(other))


@given(rows, rows)
def test_merging_leaves_the_other_profile_alone(one: list[Row], other: list[Row]) -> None:
    before, total = counted(other), counted(one)
    kept = before.copy()
    total.add(before)
    total.add(before)
    assert before == kept


@given(rows)
def test_every_value_counts_in_exactly_one_cell(events: list[Row]) -> None:
    profile = counted(events)
    assert profile.events == len(events)
    assert profile.offered().tolist() == [len(events)] * LAYOUT.n_features


@given(st.lists(number, max_size=30))
def test_moments_are_those_of_exact_arithmetic_on_the_grid(values: list[float]) -> None:
    profile = counted([(value, MISSING, None, None) for value in values])
    grid = [on_grid(value) for value in values if np.isfinite(value)]
    assert int(profile.view("sums")[0]) == sum(grid)
    assert profile.square_sums()[0] == sum(step * step for step in grid)


def on_grid(value: float) -> int:
    """The value in steps of 2**-16 sd; the quotient in floats is the definition, the rest exact."""
    limit = WINSOR_SD * GRID_PER_SD
    with np.errstate(over="ignore"):
        steps = (np.float64(value) - CENTRE) * (GRID_PER_SD / UNIT)
    return round(Fraction(float(np.clip(steps, -limit, limit))))


@given(st.integers(2, 2**39), st.sampled_from([-1e300, 1e300]))
def test_moments_of_very_many_events_do_not_overflow(n: int, value: float) -> None:
    profile = counted([(value, MISSING, None, None)])
    profile.additive *= n
    step = WINSOR_SD * GRID_PER_SD
    assert int(profile.view("sums")[0]) == (n * step if value > 0 else -n * step)
    assert profile.square_sums()[0] == n * step * step


@given(rows)
def test_what_is_packed_comes_back(events: list[Row]) -> None:
    profile = counted(events)
    assert unpack_profile(pack_profile(profile), LAYOUT) == profile


ZEROS: list[Row] = [(0.0, -0.0, None, "b"), (-0.0, 0.0, "b", "a"), (1.0, 1.0, "a", None)]


@given(rows.flatmap(lambda events: st.tuples(st.just(events), st.permutations(events))))
@example((ZEROS, ZEROS[::-1]))
def test_equal_profiles_are_equal_bytes(orders: tuple[list[Row], list[Row]]) -> None:
    one, other = (
        encode_record(Snapshot(PartitionId("t", "id", 1), 0, 9, 0, counted(events)))
        for events in orders
    )
    assert one == other
    back = decode_record(one, LAYOUT)
    assert isinstance(back, Snapshot)
    assert back.profile == counted(orders[0])
