from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stream_drift.errors import WireFormatError
from stream_drift.profiles.codec import pack_profile, unpack_profile
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.profile import Profile

X = NumberLayout("x", (0.0, 1.0), (0, 1, 2), 0.0, 1.0)
C, D = CategoryLayout("c", ("red",), ()), CategoryLayout("d", (), ())
LAYOUT = Layout((X,), (C, D), 60_000)


def filled(layout: Layout) -> Profile:
    profile = Profile.empty(layout)
    profile.additive[:] = np.arange(layout.size) + 1
    profile.low[:], profile.high[:] = -1.5, 2.5
    profile.new_values = {"c": {"b": 2, "a": 1}}
    return profile


def test_an_empty_profile_comes_back() -> None:
    empty = Profile.empty(LAYOUT)
    assert unpack_profile(pack_profile(empty), LAYOUT) == empty


def test_a_feature_with_other_bins_starts_anew_and_leaves_the_others_alone() -> None:
    changed = Layout((replace(X, edges=(0.0, 2.0)),), (C, D), 60_000)
    found = unpack_profile(pack_profile(filled(LAYOUT)), changed)
    assert found.events == 1
    assert not found.bins_of(0).any()
    assert found.low[0] == np.inf
    assert found.bins_of(1).tolist() == filled(LAYOUT).bins_of(1).tolist()
    assert found.new_values == {"c": {"a": 1, "b": 2}}


def test_features_may_be_added_removed_and_moved() -> None:
    other = Layout((), (D, CategoryLayout("e", (), ()), C), 60_000)
    found = unpack_profile(pack_profile(filled(LAYOUT)), other)
    assert found.bins_of(2).tolist() == filled(LAYOUT).bins_of(1).tolist()
    assert not found.bins_of(1).any()


def test_new_texts_are_packed_in_order() -> None:
    one, other = filled(LAYOUT), filled(LAYOUT)
    other.new_values = {"c": {"a": 1, "b": 2}}
    assert pack_profile(one) == pack_profile(other)


@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: packed.append(1),
        lambda packed: packed[1][0].__setitem__(1, [1, 2]),
        lambda packed: packed[1][0].__setitem__(1, None),
        lambda packed: packed[1][0].__setitem__(2, "many"),
        lambda packed: packed[1][0].__setitem__(2, 2**70),
        lambda packed: packed[1][0].__setitem__(5, [1]),
        lambda packed: packed[1][1].__setitem__(5, [1]),
        lambda packed: packed[1].__setitem__(0, None),
        lambda packed: packed.__setitem__(0, None),
        lambda packed: packed.__setitem__(1, None),
    ],
)
def test_a_damaged_profile_is_told_as_such(damage: Callable[[list[Any]], None]) -> None:
    packed = pack_profile(filled(LAYOUT))
    damage(packed)
    with pytest.raises(WireFormatError, match="damaged profile"):
        unpack_profile(packed, LAYOUT)
