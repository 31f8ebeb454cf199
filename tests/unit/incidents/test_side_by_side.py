"""Before and after of a feature come from counts, on the same edges and categories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from stream_drift.events.columns import Columns
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.profiles.count import Counter, name_new_values
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import build_reference
from stream_drift.scoring.side_by_side import Sides, side_by_side

MAPPING = EventMapping(numbers=(Field("x", ("x",)),), categories=(Field("c", ("c",)),))


def columns(x: NDArray[np.float64], c: Sequence[str | None]) -> Columns:
    n = len(x)
    return Columns(
        offsets=np.arange(n),
        times_ms=np.zeros(n, np.int64),
        record_times_ms=np.zeros(n, np.int64),
        numbers=np.asarray(x, float)[:, None],
        categories=(c,),
        ids=None,
        rejects=(),
    )


def sides(before: Columns, after: Columns, feature: str) -> Sides:
    reference = build_reference(MAPPING, [before], pane_ms=60_000, created_at="2026-01-01")
    counter = Counter(reference.layout, ["x", "c"], counts_events=True)
    live = Profile.empty(reference.layout)
    coded = counter.code(after)
    counter.add(live, coded, slice(None), len(after))
    name_new_values(coded.new, {}, dict.fromkeys(range(len(after)), live))
    return side_by_side(reference.profile, live, feature)


@pytest.fixture(scope="module")
def chance() -> np.random.Generator:
    return np.random.default_rng(4)


def test_quantiles_and_histograms_are_those_of_the_values(chance: np.random.Generator) -> None:
    old, new = chance.normal(0, 1, 20_000), chance.normal(1, 1, 5_000)
    before, after = sides(columns(old, ["a"] * 20_000), columns(new, ["a"] * 5_000), "x")
    for side, values in ((before, old), (after, new)):
        for q, value in side["quantiles"].items():
            assert value == pytest.approx(np.quantile(values, float(q)), abs=0.16)
        histogram = side["histogram"]
        whole = histogram["below"] + sum(histogram["shares"]) + histogram["above"]
        assert whole == pytest.approx(1)
        exact = np.histogram(values, histogram["edges"])[0] / len(values)
        assert np.abs(np.array(histogram["shares"]) - exact).max() < 0.03
    assert before["histogram"]["edges"] == after["histogram"]["edges"]
    assert after["mean"] == pytest.approx(new.mean(), abs=1e-3)


def test_categories_are_the_same_on_both_sides_and_new_ones_have_names() -> None:
    old = columns(np.zeros(1_000), ["a"] * 600 + ["b"] * 400)
    new = columns(np.zeros(100), ["a"] * 30 + ["b"] * 50 + ["XX"] * 10 + [None] * 10)
    before, after = sides(old, new, "c")
    assert before["shares"] == {"a": 0.6, "b": 0.4, "(new)": 0.0}
    assert {name: round(share, 3) for name, share in after["shares"].items()} == {
        "a": 0.333, "b": 0.556, "(new)": 0.111,
    }  # fmt: skip
    assert after["new"] == {"XX": 10}
    assert after["missing"] == 0.1


def test_a_constant_and_a_side_without_values_are_ordinary() -> None:
    old = columns(np.zeros(100), ["a"] * 100)
    before, after = sides(old, columns(np.array([np.nan]), ["a"]), "x")
    assert sum(before["histogram"]["shares"]) == pytest.approx(1)
    assert "histogram" not in after
    assert after["n"] == 0
    assert after["mean"] is None
