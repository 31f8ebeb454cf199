from __future__ import annotations

import math

from stream_drift.events.columns import INVALID_CATEGORY
from stream_drift.profiles.category import CategoryCoder
from stream_drift.profiles.layout import CategoryLayout, Layout

KEPT = ("red", "1", "true", "0.5", "NaN")
RARE = ("2", "false")
LAYOUT = Layout((), (CategoryLayout("colour", KEPT, RARE),), 60_000)
FIRST = 1
CELLS = {text: FIRST + i for i, text in enumerate(KEPT)} | dict.fromkeys(RARE, FIRST + len(KEPT))
NEW = FIRST + len(KEPT) + 1
MISSING, INVALID = NEW + 1, NEW + 2


def test_every_spelling_of_a_category_has_its_cell_at_first_sight_and_later() -> None:
    coder = CategoryCoder(LAYOUT, 0)
    column = ["red", 1, 1.0, "1.0", True, "TRUE", "2", 2, False, 0.5, math.nan, None]
    texts = ["red", "1", "1", "1", "true", "true", "2", "2", "false", "0.5", "NaN"]
    expected = [*(CELLS[text] for text in texts), MISSING]
    for _ in range(3):
        cells, new = coder.cells(column)
        assert cells.tolist() == expected
        assert new == []


def test_numbers_and_booleans_that_are_equal_to_python_are_different_categories() -> None:
    for column, expected in (([1, True], ["1", "true"]), ([True, 1.0], ["true", "1"])):
        cells, _ = CategoryCoder(LAYOUT, 0).cells(column)
        assert cells.tolist() == [CELLS[text] for text in expected]


def test_what_the_reference_does_not_know_is_new_and_told_with_its_row_and_text() -> None:
    coder = CategoryCoder(LAYOUT, 0)
    for _ in range(2):
        cells, new = coder.cells(["blue", "red", 7, 7.0, INVALID_CATEGORY])
        assert cells.tolist() == [NEW, CELLS["red"], NEW, NEW, INVALID]
        assert new == [(0, "blue"), (2, "7"), (3, "7")]


def test_no_number_that_is_never_found_again_takes_room() -> None:
    coder = CategoryCoder(LAYOUT, 0)
    for _ in range(100):
        coder.cells([float("nan"), 1.0])
    assert len(coder._by_number) == 1  # noqa: SLF001 - a leak shows nowhere else
