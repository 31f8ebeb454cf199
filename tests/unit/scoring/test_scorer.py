"""From two profiles to all published scores."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from stream_drift.errors import InvariantError
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.profile import Profile
from stream_drift.scoring.catalogue import CATALOGUE, scores_for
from stream_drift.scoring.counts import Score, counts
from stream_drift.scoring.psi import psi
from stream_drift.scoring.results import ROW, Results
from stream_drift.scoring.table import ScoreLine, Scorer
from tests.unit.scoring.building import PANE_MS, number, one_category, one_number, profile

Lines = Mapping[tuple[str | None, str], ScoreLine]

RNG = np.random.default_rng(21)
VALUES = {"age": RNG.normal(40, 9, 8000), "income": RNG.lognormal(8, 1, 8000)}
LAYOUT = Layout(
    (number("age", VALUES["age"]), number("income", VALUES["income"])),
    (
        CategoryLayout("country", ("PT", "ES", "FR"), ("AD", "SM")),
        CategoryLayout("device", ("web", "app"), ()),
    ),
    PANE_MS,
)
REFERENCE = profile(
    LAYOUT, VALUES, {"country": [4000, 2500, 1440, 60, 0], "device": [6000, 2000, 0, 0]}
)
LIVE_VALUES = {"age": RNG.normal(45, 9, 900), "income": RNG.lognormal(8, 1, 900)}
LIVE = profile(
    LAYOUT,
    LIVE_VALUES,
    {"country": [300, 300, 200, 20, 60], "device": [700, 200, 0, 0]},
    missing={"country": 20},
)


def scored(live: Profile, reference: Profile = REFERENCE) -> Lines:
    lines = Scorer(reference).score(live)
    found = {(line.feature, line.score): line for line in lines}
    assert len(found) == len(lines)
    return found


def assert_publishable(line: ScoreLine) -> None:
    """A value in its range and an interval around it, or nothing at all."""
    info = CATALOGUE[line.score]
    optional = (line.p_value, line.low, line.high)
    if line.status == "insufficient":
        assert (line.value, line.raw, *optional) == (None, None, None, None, None)
        return
    assert line.value is not None
    for x in (line.value, line.raw, *optional):
        assert x is None or (type(x) is float and math.isfinite(x))
    assert info.low is None or line.value >= info.low
    assert info.high is None or line.value <= info.high
    assert line.low is None or line.low <= line.value
    assert line.high is None or line.value <= line.high
    assert line.p_value is None or 0 <= line.p_value <= 1


def test_features_come_in_layout_order_scores_in_catalogue_order_the_model_last() -> None:
    lines = Scorer(REFERENCE).score(LIVE)
    numbers = [(name, info.name) for name in VALUES for info in scores_for("number")]
    categories = [
        (name, info.name) for name in ("country", "device") for info in scores_for("category")
    ]
    expected = [*numbers, *categories, (None, "volume")]
    assert [(line.feature, line.score) for line in lines] == expected


def test_every_line_can_be_published_and_carries_what_the_catalogue_says() -> None:
    for line in Scorer(REFERENCE).score(LIVE):
        assert_publishable(line)
        assert line.status == "ok"
        has = CATALOGUE[line.score].has
        assert (line.low is not None) == (line.high is not None) == (has == "interval")
        assert (line.p_value is not None) == (has == "p_value")


@pytest.mark.parametrize("name", VALUES)
def test_numbers_score_what_their_values_give(name: str) -> None:
    found, live, reference = scored(LIVE), LIVE_VALUES[name], VALUES[name]
    shift = (live.mean() - reference.mean()) / reference.std(ddof=1)
    ratio = live.var(ddof=1) / reference.var(ddof=1)
    limits = np.quantile(reference, [0.001, 0.999], method="inverted_cdf")
    w1 = wasserstein_distance(live.clip(*limits), reference.clip(*limits)) / reference.std()
    outside = ((live < reference.min()) | (live > reference.max())).mean()
    assert found[name, "mean_shift"].value == pytest.approx(shift, abs=1e-4)
    assert found[name, "variance_ratio"].value == pytest.approx(ratio, rel=1e-4)
    assert found[name, "wasserstein"].raw == pytest.approx(w1, abs=0.02)
    assert found[name, "out_of_range"].value == outside
    assert found[name, "psi"].n == 900


def test_numbers_are_compared_on_the_coarse_bins() -> None:
    coarse = np.array(LAYOUT.numbers[0].coarse)
    live = np.bincount(coarse, weights=LIVE.bins_of(0))
    reference = np.bincount(coarse, weights=REFERENCE.bins_of(0))
    expected = psi(counts(live), counts(reference))
    assert scored(LIVE)["age", "psi"].raw == pytest.approx(float(expected.raw))


def test_rare_and_new_are_bins_of_a_category() -> None:
    expected = psi(counts([300, 300, 200, 20, 60]), counts([4000, 2500, 1440, 60, 0]))
    assert scored(LIVE)["country", "psi"].raw == pytest.approx(float(expected.raw))


def test_rare_is_no_bin_where_the_reference_has_none() -> None:
    expected = psi(counts([700, 200, 0]), counts([6000, 2000, 0]))
    assert scored(LIVE)["device", "psi"].raw == pytest.approx(float(expected.raw))


def test_rare_events_that_the_reference_lacks_count_with_the_new_ones() -> None:
    layout = one_category(2, rare=("seldom",))
    live = profile(layout, {}, {"c": [40, 40, 15, 5]})
    reference = profile(layout, {}, {"c": [400, 400, 0, 0]})
    expected = psi(counts([40, 40, 20]), counts([400, 400, 0]))
    found = scored(live, reference)
    assert found["c", "psi"].raw == pytest.approx(float(expected.raw))
    assert found["c", "new"].value == 0.05


def test_shares_are_of_all_events_that_could_carry_the_feature() -> None:
    live = LIVE.copy()
    live.view("invalid")[0] = 30
    live.view("not_finite")[0] = 70
    found = scored(live)
    for name, share, n in (
        (("age", "invalid"), 0.03, 1000),
        (("age", "not_finite"), 0.07, 1000),
        (("country", "missing"), 20 / 900, 900),
        (("country", "new"), 60 / 900, 900),
    ):
        assert found[name].value == pytest.approx(share)
        assert found[name].n == n
    assert found["age", "psi"].n == 900


def test_volume_counts_events_of_any_number() -> None:
    assert scored(LIVE)[None, "volume"].value == 900
    nothing = scored(Profile.empty(LAYOUT))[None, "volume"]
    assert (nothing.value, nothing.raw, nothing.n, nothing.status) == (0, 0, 0, "ok")


@pytest.mark.parametrize("n", [19, 20])
def test_comparisons_need_twenty_usable_values_on_either_side(n: int) -> None:
    few = profile(LAYOUT, {name: x[:n] for name, x in VALUES.items()}, {"device": [n, 0, 0, 0]})
    status = "ok" if n == 20 else "insufficient"
    for found in (scored(few), scored(LIVE, few)):
        assert found["age", "psi"].status == status
        assert found["device", "chi2"].status == status


def test_shares_need_one_event_and_no_reference() -> None:
    one = profile(LAYOUT, {name: np.array([np.nan]) for name in VALUES})
    found = scored(one, Profile.empty(LAYOUT))
    assert found["age", "missing"].value == 1
    assert found["age", "missing"].status == "ok"
    assert found["country", "missing"].status == "insufficient"


@pytest.mark.parametrize(
    "live",
    [
        {"x": np.array([])},
        {"x": np.array([5.0])},
        {"x": np.full(500, np.nan)},
        {"x": np.full(500, 5.0)},
        {"x": np.full(500, 1e300)},
        {"x": np.full(500, -1e300)},
        {"x": np.repeat([5.0, 9.0], 250)},
    ],
    ids=["empty", "one row", "all missing", "constant", "huge", "hugely negative", "two values"],
)
@pytest.mark.parametrize(
    "reference",
    [
        np.full(500, 5.0),
        np.arange(500.0),
        np.repeat([5.0, 9.0], 250),
        np.array([5.0]),
        np.repeat([0.0, 1e-300], 250),
    ],
    ids=["constant", "spread", "two values", "one row", "tiny"],
)
def test_degenerate_samples_have_defined_results(
    live: Mapping[str, np.ndarray[tuple[int], np.dtype[np.float64]]],
    reference: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    layout = one_number(reference)
    part = layout.numbers[0]
    winsorised = {"x": live["x"].clip(part.centre - 128 * part.unit, part.centre + 128 * part.unit)}
    counted, original = profile(layout, winsorised), profile(layout, {"x": reference})
    for line in Scorer(original).score(counted):
        assert_publishable(line)


def test_a_score_without_a_value_shows_nothing_else_either() -> None:
    results = Results(1)
    undefined, one = np.array([np.nan]), np.array([1.0])
    results.put("ks", np.array([0]), Score(one, undefined, one, one, one))
    many = np.full((len(ROW), 1), 100)
    cells = results.cells(many, np.array([100]))
    assert cells[0][ROW["ks"]] == [None] * 5


def test_where_the_reference_is_constant_its_mean_is_the_unit() -> None:
    layout = one_number(np.full(100, -50.0))
    live = profile(layout, {"x": np.full(100, -60.0)})
    found = scored(live, profile(layout, {"x": np.full(100, -50.0)}))
    assert found["x", "mean_shift"].value == pytest.approx(-10 / 50, abs=2e-5)
    assert found["x", "variance_ratio"].status == "insufficient"
    assert found["x", "out_of_range"].value == 1


def test_the_unit_is_the_sd_of_the_reference_even_on_the_bins_of_another() -> None:
    old = RNG.normal(0, 1, 5000)
    layout = one_number(old)
    reference, live = RNG.normal(0, 3, 5000), RNG.normal(3, 3, 5000)
    found = scored(profile(layout, {"x": live}), profile(layout, {"x": reference}))
    expected = (live.mean() - reference.mean()) / reference.std(ddof=1)
    assert found["x", "mean_shift"].value == pytest.approx(expected, rel=1e-3)
    range_ = layout.numbers[0].edges[0], layout.numbers[0].edges[-1]
    w1 = wasserstein_distance(live.clip(*range_), reference.clip(*range_)) / reference.std()
    assert found["x", "wasserstein"].raw == pytest.approx(w1, rel=0.02)


def test_a_wide_category_is_scored_like_a_narrow_one() -> None:
    wide, narrow = one_category(300), one_category(3)
    layout = Layout((), (*wide.categories, CategoryLayout("n", ("k0", "k1", "k2"), ())), PANE_MS)
    hits = {"c": [*range(300), 0, 5], "n": [30, 30, 40, 0, 5]}
    other = {"c": [*range(10, 310), 0, 0], "n": [300, 350, 400, 0, 0]}
    found = scored(profile(layout, {}, hits), profile(layout, {}, other))
    for alone, name in ((wide, "c"), (narrow, "n")):
        live = profile(alone, {}, {"c": hits[name]})
        expected = scored(live, profile(alone, {}, {"c": other[name]}))
        assert found[name, "psi"].value == pytest.approx(expected["c", "psi"].value)
        assert found[name, "chi2"].value == pytest.approx(expected["c", "chi2"].value)


def test_a_monitor_without_features_has_its_volume() -> None:
    empty = Profile.empty(Layout((), (), PANE_MS))
    assert [line.score for line in Scorer(empty).score(empty)] == ["volume"]


def test_another_layout_is_refused() -> None:
    with pytest.raises(InvariantError, match="layout"):
        Scorer(REFERENCE).score(Profile.empty(one_number(VALUES["age"])))


def test_an_equal_layout_is_the_same_layout() -> None:
    copy = Layout(LAYOUT.numbers, LAYOUT.categories, PANE_MS)
    live = LIVE.copy()
    live.layout = copy
    assert Scorer(REFERENCE).score(live) == Scorer(REFERENCE).score(LIVE)


@given(st.data())
def test_any_counts_can_be_published(data: st.DataObject) -> None:
    part = NumberLayout("x", (0.0, 1.0, np.nextafter(1.0, 2), 5.0), (0, 1, 2, 3, 4), 1.0, 0.5)
    layout = Layout((part,), (CategoryLayout("c", ("a",), ("b",)),), PANE_MS)
    values = st.lists(st.floats(-63, 65), max_size=60).map(np.array)
    sizes = st.lists(st.integers(0, 10**6), min_size=3, max_size=3)
    live, reference = (
        profile(layout, {"x": data.draw(values)}, {"c": data.draw(sizes)}) for _ in range(2)
    )
    for line in Scorer(reference).score(live):
        assert_publishable(line)
