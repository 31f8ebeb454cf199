from __future__ import annotations

import pytest

from stream_drift.errors import ReferenceFileError
from stream_drift.profiles.layout import CategoryLayout
from stream_drift.reference.categories import MAX_DISTINCT, MAX_KEPT, category_layout


def test_frequent_categories_are_kept_by_hits_and_then_by_text() -> None:
    hits = {"b": 50, "a": 50, "most": 900, "rare": 49, "also rare": 1}
    expected = CategoryLayout("c", ("most", "a", "b"), ("also rare", "rare"))
    assert category_layout("c", hits) == expected


def test_no_category_at_all_leaves_rare_and_new() -> None:
    assert category_layout("c", {}).n_bins == 2


def test_only_so_many_categories_have_a_bin() -> None:
    hits = {f"{i:04}": 1_000 for i in range(MAX_KEPT + 3)}
    layout = category_layout("c", hits)
    assert len(layout.kept) == MAX_KEPT
    assert layout.rare == ("0500", "0501", "0502")


def test_an_identifier_is_no_category() -> None:
    hits = dict.fromkeys(map(str, range(MAX_DISTINCT + 1)), 1)
    with pytest.raises(ReferenceFileError, match="looks like an identifier"):
        category_layout("customer", hits)
