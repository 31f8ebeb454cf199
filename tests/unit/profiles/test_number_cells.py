from __future__ import annotations

import numpy as np
import pytest

from stream_drift.events.columns import INVALID, MISSING, NOT_FINITE
from stream_drift.profiles.layout import GRID_PER_SD, WINSOR_SD, Layout, NumberLayout
from stream_drift.profiles.number import NumberCoder

LAYOUT = Layout(
    (
        NumberLayout("x", (0.0, 10.0), (0, 1, 2), 5.0, 2.0),
        NumberLayout("y", (1.0, 2.0), (0, 1, 2), 0.0, 1.0),
    ),
    (),
    60_000,
)
CODER = NumberCoder(LAYOUT)
FIRST_X, FIRST_Y = 1, 4
FARTHEST = WINSOR_SD * GRID_PER_SD


def cells_of_x(*values: float) -> list[int]:
    columns = np.array([values, [1.5] * len(values)])
    cells: list[int] = CODER.cells(columns)[0].tolist()
    return cells


def sums_of_x(*values: float) -> list[int]:
    columns = np.array([values, [1.5] * len(values)])
    sums: list[int] = CODER.moments(columns)[0].tolist()
    return sums


def test_bins_are_half_open_and_the_outer_ones_have_no_end() -> None:
    below, inside, above = FIRST_X, FIRST_X + 1, FIRST_X + 2
    assert cells_of_x(-1e308, np.nextafter(0, -1)) == [below, below]
    assert cells_of_x(-0.0, 0.0, np.nextafter(10, 0)) == [inside, inside, inside]
    assert cells_of_x(10.0, 1e308) == [above, above]


@pytest.mark.parametrize(
    ("value", "name"), [(MISSING, "missing"), (INVALID, "invalid"), (NOT_FINITE, "not_finite")]
)
def test_what_is_no_number_counts_in_a_cell_of_its_feature(value: float, name: str) -> None:
    start = LAYOUT.slices[name].start
    cells = CODER.cells(np.array([[value, 5.0], [1.5, value]]))
    assert cells.tolist() == [[start, FIRST_X + 1], [FIRST_Y + 1, start + 1]]


def test_sums_count_steps_of_the_grid_from_the_centre() -> None:
    assert sums_of_x(5.0, 7.0, 3.0) == [0, GRID_PER_SD, -GRID_PER_SD]
    assert sums_of_x(5.0 + 2.0 / GRID_PER_SD * 0.6) == [1]


def test_half_a_step_goes_to_the_even_one() -> None:
    assert sums_of_x(*(5.0 + 2.0 / GRID_PER_SD * half for half in (0.5, 1.5, -0.5))) == [0, 2, 0]


def test_far_values_count_as_if_they_lay_at_the_winsor_limit() -> None:
    assert sums_of_x(5.0 + 2.0 * WINSOR_SD, 1e308, -1e308) == [FARTHEST, FARTHEST, -FARTHEST]


def test_what_is_no_number_adds_nothing_to_the_moments() -> None:
    moments = CODER.moments(np.array([[MISSING, INVALID, NOT_FINITE]] * 2))
    assert not moments.any()


def test_squares_are_split_into_two_words() -> None:
    moments = CODER.moments(np.array([[1e308, 7.0], [1.5, 1.5]])).reshape(3, 2, 2)
    high, low = moments[1, 0], moments[2, 0]
    assert ((high << 24) + low).tolist() == [FARTHEST**2, GRID_PER_SD**2]
    assert (low < 2**24).all()
