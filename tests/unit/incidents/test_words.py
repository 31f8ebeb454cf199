"""A guilty feature is told in its own units, with effect, interval and direction."""

from __future__ import annotations

import pytest

from stream_drift.incidents.words import words_of
from tests.unit.incidents.building import NUMBER_AFTER, NUMBER_BEFORE, feature

QUANTILES = {"0.05": 1.0, "0.25": 2.0, "0.5": 10.0, "0.75": 20.0, "0.95": 40.0}
BEFORE = {
    **NUMBER_BEFORE,
    "quantiles": QUANTILES,
    "shares": {"Student": 0.04, "Group": 0.5, "(rare)": 0.02, "(new)": 0.0},
    "events_per_hour": 1_200.0,
}
AFTER = {
    **NUMBER_AFTER,
    "invalid": 0.02,
    "not_finite": 0.01,
    "out_of_range": 0.3,
    "quantiles": QUANTILES | {"0.95": 80.0},
    "shares": {"Student": 0.31, "Group": 0.4, "(rare)": 0.05, "(new)": 0.031},
    "new": {"XX": 12},
    "events_per_hour": 480.0,
}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("location up", "mean 96.2 → 141"),
        ("variance down", "spread (sd) 107 → 106"),
        ("shape up", "shape changed: 5, 50, 95 % of values below 1 / 10 / 40 → 1 / 10 / 80"),
        ("high tail up", "high tail: 95 % of values below 40 → 80"),
        ("missing up", "missing 0.1 % → 12 %"),
        ("invalid up", "invalid 0 % → 3 %"),
        ("category 'Student' up", "'Student' 4 % → 31 %"),
        ("rare categories up", "rare values 2 % → 5 %"),
        ("new category up", "new value 'XX' 3.1 %"),
        ("volume down", "events per hour 1,200 → 480"),
        ("correlation with age 0.50 → 0.25", "correlation with age 0.50 → 0.25"),
        ("psi 0.31 (limit > 0.2) over 1d", "mean 96.2 → 141; psi 0.31 (limit > 0.2) over 1d"),
        ("something else up", "mean 96.2 → 141"),
    ],
)
def test_every_reason_shows_what_it_speaks_of(reason: str, words: str) -> None:
    assert words_of(feature(reason, effect=None, before=BEFORE, after=AFTER)) == words


def test_a_category_without_a_known_one_tells_what_moved_most() -> None:
    sides = [{"n": 9, "shares": side["shares"]} for side in (BEFORE, AFTER)]
    told = words_of(feature("psi 0.3 (limit > 0.2) over 1d", before=sides[0], after=sides[1]))
    assert told == (
        "'Student' 4 % → 31 %, effect +0.42 (+0.35 to +0.49); psi 0.3 (limit > 0.2) over 1d"
    )


@pytest.mark.parametrize(
    ("reason", "unit", "ending"),
    [
        ("location up", "sd", ", +0.42 sd (+0.35 to +0.49)"),
        ("variance up", "sd", ", effect +0.42 (+0.35 to +0.49)"),
        ("correlation with age 0.10 → 0.52", "sd", ", effect +0.42 (+0.35 to +0.49)"),
        ("location up", "feature", ", +0.42 (+0.35 to +0.49)"),
        ("missing up", "share", ", +42 pp (+35 to +49)"),
        ("volume up", "share", ", +42 % (+35 to +49)"),
    ],
)
def test_an_effect_has_its_unit_and_interval(reason: str, unit: str, ending: str) -> None:
    told = words_of(feature(reason, unit=unit, before=BEFORE, after=AFTER))
    assert told.endswith(ending)


def test_without_figures_the_reason_stands() -> None:
    assert words_of(
        feature("no event for 30 min", name=None, effect=None, before={}, after={})
    ) == ("no event for 30 min")
    assert words_of(feature("missing up", before={}, after={}, unit="share", effect=None)) == (
        "missing up"
    )
