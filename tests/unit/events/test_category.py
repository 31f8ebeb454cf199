from __future__ import annotations

import math

import pytest

from stream_drift.events.category import KEPT_TEXT, MAX_TEXT, are_plain, category_text
from stream_drift.events.columns import INVALID_CATEGORY


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Online TA", "Online TA"),
        ("", ""),
        (" PRT ", " PRT "),
        ("größe", "größe"),
        (17, "17"),
        (-17, "-17"),
        (17.0, "17"),
        ("17", "17"),
        ("17.0", "17"),
        ("-17.0", "-17"),
        ("17.00", "17.00"),
        ("1.10", "1.10"),
        ("007", "007"),
        ("007.0", "007.0"),
        ("v1.0", "v1.0"),
        ("\u0661.0", "\u0661.0"),  # a digit, of Arabic
        (0, "0"),
        (-0.0, "0"),
        ("-0.0", "0"),
        (0.1, "0.1"),
        (1e5, "100000"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (2**63, "9223372036854775808"),
        (10**30, "1" + "0" * 30),
        (5e-324, "5e-324"),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (True, "true"),
        (False, "false"),
        ("True", "true"),
        ("FALSE", "false"),
        ("tRuE", "true"),
        ("untrue", "untrue"),
        ("0", "0"),
        ("\ud83d", "\ufffd"),
        ("a\udc00b", "a\ufffdb"),
        ("😀", "😀"),
    ],
)
def test_a_value_counts_under_its_text(value: object, text: str) -> None:
    assert category_text(value) == text


def test_long_texts_are_bounded_and_stay_apart() -> None:
    longest = "x" * MAX_TEXT
    assert category_text(longest) == longest
    cut = [category_text(longest + end) for end in ("x", "y", "😀", "\ud800", "xx")]
    assert len(set(cut)) == len(cut)
    assert all(len(text) <= MAX_TEXT for text in cut)
    assert all(text.startswith(longest[:KEPT_TEXT] + "…") for text in cut)


def test_a_long_number_and_its_text_are_one() -> None:
    assert category_text(10**400) == category_text(str(10**400))


@pytest.mark.parametrize("value", [None, INVALID_CATEGORY, [], {}])
def test_what_has_no_text_is_an_error(value: object) -> None:
    with pytest.raises(TypeError):
        category_text(value)


@pytest.mark.parametrize(
    ("values", "plain"),
    [
        (["order-1", "order-2"], True),
        ([], False),
        (["order-1", 17], False),
        (["order-1", None], False),
        (["order-1", "123456.0"], False),
        (["123456.0", "order-1"], False),
        (["order-1", "False"], False),
        (["order-1", "größer"], False),
        (["order-1", "x" * 201], False),
    ],
)
def test_texts_that_need_no_change_are_known_as_such(values: list[object], *, plain: bool) -> None:
    assert are_plain(values) is plain
