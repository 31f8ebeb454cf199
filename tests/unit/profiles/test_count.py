from __future__ import annotations

import numpy as np

from stream_drift.events.columns import Columns
from stream_drift.profiles.count import MAX_NEW_VALUES, AdmittedNew, Counter, name_new_values
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.profile import Profile

NUMBERS = tuple(NumberLayout(name, (0.0, 1.0), (0, 1, 2), 0.0, 1.0) for name in ("x", "y"))
LAYOUT = Layout(NUMBERS, (CategoryLayout("c", ("red",), ()), CategoryLayout("d", (), ())), 60_000)


def columns(numbers: list[list[float]], *categories: list[object]) -> Columns:
    n = max(len(numbers), *map(len, categories), 0) if categories else len(numbers)
    offsets = np.arange(n)
    table = np.array(numbers, float).reshape(n, -1)
    return Columns(offsets, offsets, offsets, table, categories, None, ())


def counted(counter: Counter, events: Columns) -> Profile:
    profile = Profile.empty(LAYOUT)
    coded = counter.code(events)
    counter.add(profile, coded, slice(None), len(events))
    name_new_values(coded.new, {}, dict.fromkeys(range(len(events)), profile))
    return profile


def test_an_input_says_nothing_about_features_that_it_does_not_carry() -> None:
    counter = Counter(LAYOUT, ["y", "d"], counts_events=True)
    profile = counted(counter, columns([[0.5], [2.0]], ["a", None]))
    assert profile.events == 2
    assert profile.offered().tolist() == [0, 2, 0, 2]
    assert profile.bins_of(1).tolist() == [0, 1, 1]
    assert profile.low.tolist() == [np.inf, 0.5]
    assert profile.high.tolist() == [-np.inf, 2.0]


def test_an_input_beside_another_one_does_not_count_events_again() -> None:
    counter = Counter(LAYOUT, ["y"], counts_events=False)
    profile = counted(counter, columns([[0.5]]))
    assert profile.events == 0
    assert profile.usable().tolist() == [0, 1, 0, 0]


def test_an_input_may_carry_nothing_but_events() -> None:
    profile = counted(Counter(LAYOUT, [], counts_events=True), columns([[], []]))
    assert profile.events == 2
    assert not profile.offered().any()


def test_only_the_chosen_rows_are_counted() -> None:
    counter = Counter(LAYOUT, ["x"], counts_events=True)
    coded = counter.code(columns([[0.5], [2.0], [-1.0]]))
    profile = Profile.empty(LAYOUT)
    counter.add(profile, coded, np.array([0, 2]), 2)
    counter.add(profile, coded, slice(0, 0), 0)
    assert profile.bins_of(0).tolist() == [1, 1, 0]
    assert (profile.events, profile.low[0], profile.high[0]) == (2, -1.0, 0.5)


def test_under_a_secret_new_texts_are_hashed_and_extremes_are_not_kept() -> None:
    counter = Counter(LAYOUT, ["x", "c"], counts_events=True, secret=b"key")
    profile = counted(counter, columns([[0.5], [0.5]], ["Eve", "Eve"]))
    (shown,) = profile.new_values["c"]
    assert profile.new_values == {"c": {shown: 2}}
    assert shown.startswith("#")
    assert profile.low.tolist() == [np.inf, np.inf]
    other = counted(Counter(LAYOUT, ["x", "c"], counts_events=True, secret=b"other"),
                    columns([[0.5]], ["Eve"]))  # fmt: skip
    assert shown not in other.new_values["c"]


def named(texts: list[str], batches: list[int]) -> tuple[dict[str, int], AdmittedNew]:
    """Names counted by one block, read in batches that begin at the given rows."""
    counter = Counter(LAYOUT, ["c"], counts_events=True)
    profile, admitted = Profile.empty(LAYOUT), AdmittedNew()
    for first, last in zip([0, *batches], [*batches, len(texts)], strict=True):
        coded = counter.code(columns([[]] * (last - first), list(texts[first:last])))
        name_new_values(coded.new, admitted, dict.fromkeys(range(last - first), profile))
    return profile.new_values.get("c", {}), admitted


def test_a_block_keeps_the_first_hundred_new_texts_by_name() -> None:
    texts = [f"text {i % 150}" for i in range(300)]
    names, admitted = named(texts, [])
    assert names == {f"text {i}": 2 for i in range(MAX_NEW_VALUES)}
    assert len(admitted["c"]) == MAX_NEW_VALUES


def test_which_texts_are_first_does_not_depend_on_batches() -> None:
    texts = [f"text {i * 7 % 150}" for i in range(300)]
    assert named(texts, [1, 2, 99, 100, 101, 250]) == named(texts, [])


def test_late_events_take_no_room_from_others() -> None:
    counter = Counter(LAYOUT, ["c"], counts_events=True)
    coded = counter.code(columns([[]] * 101, [f"text {i}" for i in range(101)]))
    profile = Profile.empty(LAYOUT)
    name_new_values(coded.new, {}, dict.fromkeys(range(1, 101), profile))
    assert list(profile.new_values["c"]) == [f"text {i}" for i in range(1, 101)]


def test_each_feature_has_room_of_its_own() -> None:
    counter = Counter(LAYOUT, ["c", "d"], counts_events=True)
    texts = [f"text {i}" for i in range(MAX_NEW_VALUES)]
    coded = counter.code(columns([[]] * len(texts), list(texts), list(texts)))
    profile = Profile.empty(LAYOUT)
    name_new_values(coded.new, {}, dict.fromkeys(range(len(texts)), profile))
    assert len(profile.new_values["c"]) == len(profile.new_values["d"]) == MAX_NEW_VALUES
