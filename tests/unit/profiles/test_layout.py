from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from stream_drift.profiles.codec import pack_profile, unpack_profile
from stream_drift.profiles.labelled import LabelledLayout
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout, layout_id
from stream_drift.profiles.profile import Profile

NUMBER = NumberLayout("x", (0.0, 1.0), (0, 1, 2), 0.5, 2.0)
CATEGORY = CategoryLayout("c", ("red", "blue"), ("grey",))
LAYOUT = Layout((NUMBER, replace(NUMBER, name="y", edges=(0.0, 1.0, 2.0))), (CATEGORY,), 60_000)


@pytest.mark.parametrize(
    "other",
    [
        replace(NUMBER, name="z"),
        replace(NUMBER, edges=(0.0, 1.5)),
        replace(NUMBER, coarse=(0, 1, 1)),
        replace(NUMBER, centre=0.6),
        replace(NUMBER, unit=2.5),
        CategoryLayout("x", (), ()),
    ],
)
def test_what_may_not_be_merged_has_another_id(other: NumberLayout | CategoryLayout) -> None:
    assert layout_id(NUMBER, 60_000) != layout_id(other, 60_000)


def test_another_pane_is_another_layout() -> None:
    assert layout_id(NUMBER, 60_000) != layout_id(NUMBER, 300_000)


@pytest.mark.parametrize(
    ("kept", "rare"),
    [
        (("blue", "red"), ("grey",)),
        (("red",), ("blue", "grey")),
        (("red", "blue", "grey"), ()),
        (("redblue",), ("grey",)),
    ],
)
def test_categories_in_other_bins_have_another_id(
    kept: tuple[str, ...], rare: tuple[str, ...]
) -> None:
    assert layout_id(CATEGORY, 1) != layout_id(CategoryLayout("c", kept, rare), 1)


def test_an_id_is_the_same_in_every_process() -> None:
    assert layout_id(NUMBER, 60_000).hex() == "441a7d854c4c3426"
    assert layout_id(CATEGORY, 60_000).hex() == "71c12e63424ec5bb"


def test_a_category_may_hold_any_text() -> None:
    assert len(layout_id(CategoryLayout("c", ("\ud800", "\0", ""), ()), 1)) == 8


def test_the_stretches_of_the_vector_lie_side_by_side() -> None:
    stretches = list(LAYOUT.slices.values())
    assert stretches[0] == slice(0, 1)
    assert all(one.stop == next_.start for one, next_ in pairwise(stretches))
    assert LAYOUT.size == 1 + (3 + 4 + 4) + 3 * 3 + 3 * 2
    assert LAYOUT.bin_starts.tolist() == [0, 3, 7, 11]
    assert LAYOUT.names == ("x", "y", "c")


def test_a_monitor_may_watch_nothing_of_a_type() -> None:
    assert Layout((), (CATEGORY,), 1).size == 1 + 4 + 3
    assert Layout((NUMBER,), (), 1).n_features == 1
    assert Layout((), (), 1).size == 1


def test_an_extra_stretch_lies_behind_and_changes_no_layout_id() -> None:
    plain = LAYOUT
    extra = LabelledLayout("binary", ("(other)", "1"))
    longer = replace(plain, extras=(extra,))
    assert longer.ids == plain.ids
    assert longer.slices[extra.name] == slice(plain.size, longer.size)


def test_an_extra_survives_the_wire_and_is_absent_where_the_layout_has_none() -> None:
    plain = LAYOUT
    longer = replace(plain, extras=(LabelledLayout("binary", ("(other)", "1")),))
    profile = Profile.empty(longer)
    profile.additive[:] = range(longer.size)
    packed = pack_profile(profile)
    assert unpack_profile(packed, longer) == profile
    assert pack_profile(unpack_profile(packed, plain)) == packed[:2]
