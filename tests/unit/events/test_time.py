from __future__ import annotations

import math

import pytest

from stream_drift.events.time import NO_TIME, time_ms, times_ms

MS = 1_772_366_400_123  # 2026-03-01T12:00:00.123Z
WHOLE_MS = 1_772_366_400_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_772_366_400, WHOLE_MS),
        (1_772_366_400.0, WHOLE_MS),
        (1_772_366_400.123, MS),
        (1_772_366_400.1239, MS),
        (MS, MS),
        (MS + 0.9, MS),
        (float(MS), MS),
        (MS * 1000 + 999, MS),
        (MS * 1000.0, MS),
        (MS * 1_000_000 + 999_999, MS),
        (1.772_366_400e18, WHOLE_MS),
        (-1.5, -1500),
        (0, 0),
        (99_999_999_999, 99_999_999_999_000),
        (100_000_000_000, 100_000_000_000),
        ("1772366400", WHOLE_MS),
        ("1772366400.123", MS),
        ("1772366400123", MS),
        ("1772366400123456789", MS),
        ("2026-03-01T12:00:00Z", WHOLE_MS),
        ("2026-03-01T12:00:00", WHOLE_MS),
        ("2026-03-01 12:00:00", WHOLE_MS),
        ("2026-03-01T12:00", WHOLE_MS),
        ("2026-03-01", WHOLE_MS - 43_200_000),
        ("2026-03-01T12:00:00.123Z", MS),
        ("2026-03-01T12:00:00,123Z", MS),
        ("2026-03-01T12:00:00.1239", MS),
        ("2026-03-01T12:00:00.123456789Z", MS),
        ("2026-03-01T12:00:00.1Z", WHOLE_MS + 100),
        ("2026-03-01T13:00:00+01:00", WHOLE_MS),
        ("2026-03-01T13:00:00.123+01:00", MS),
        ("2026-03-01T06:30:00-05:30", WHOLE_MS),
        ("2026-03-01T13:00:00+0100", WHOLE_MS),
        ("20260301T120000Z", WHOLE_MS),
        ("2024-02-29", 1_709_164_800_000),
        ("1969-12-31T23:59:59.999Z", -1),
        ("0001-01-01", -62_135_596_800_000),
        ("9999-12-31T23:59:59.999999", 253_402_300_799_999),
    ],
)
def test_a_time_is_read_in_the_forms_that_producers_use(value: float | str, expected: int) -> None:
    assert time_ms(value) == expected
    assert times_ms([value, value]).tolist() == [expected, expected]


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        math.nan,
        math.inf,
        -math.inf,
        "",
        " ",
        "now",
        "today",
        "NaT",
        "12:00:00",
        "2026-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-03-00",
        "2026-03-01T25:00:00",
        "2026-03-01T12:60:00Z",
        "2026-03-01T12:00:60Z",
        "2026-03-01T12:00:00+24:00",
        "0000-01-01",
        "01/03/2026",
        "2026-03-01T12:00:00 UTC",
        "1e9",
        "٢٠٢٦-03-01",
        "9" * 1000,
        {},
    ],
)
def test_anything_else_is_no_time(value: object) -> None:
    assert time_ms(value) == NO_TIME
    assert times_ms([value, value]).tolist() == [NO_TIME, NO_TIME]


def test_numbers_beyond_64_bits_are_times_far_away() -> None:
    for number in (2**63, 10**30, 10**400, 1e300):
        assert time_ms(number) == times_ms([number])[0] == 9_223_372_036_854
        assert time_ms(-number) == times_ms([-number])[0] == -9_223_372_036_855


def test_one_column_may_mix_all_forms() -> None:
    column: list[object] = [MS, "2026-03-01T12:00:00.123Z", None, MS / 1000, str(MS), 10**30]
    assert times_ms(column).tolist() == [time_ms(value) for value in column]


def test_texts_of_other_layouts_do_not_disturb_their_neighbours() -> None:
    column = [
        "2026-03-01T12:00:00.123Z",
        "2026-03-01T12:00:00Z",
        "2026-03-01 12:00:00.123Z",
        "2026-03-01T12:00:00.1234",
        "2026-03-01T12:00:0é.123Z",
        "2026-02-30T12:00:00.123Z",
        "2026-03-01T12:00:00.123Z",
    ]
    times = [MS, WHOLE_MS, MS, MS, NO_TIME, NO_TIME, MS]
    assert times_ms(column).tolist() == times
    assert times_ms(column[::-1]).tolist() == times[::-1]
