from __future__ import annotations

import numpy as np
import pytest

from stream_drift.detection.directions import Directions, direction_table
from stream_drift.detection.legendre import shapes
from stream_drift.detection.measure import Measure
from stream_drift.detection.settings import BudgetSettings, SmallestEffect
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.profile import Profile
from tests.unit.detection.building import layout, profile, reference

PLAIN = BudgetSettings()


def table(settings: BudgetSettings = PLAIN, of: Profile | None = None) -> Directions:
    return direction_table(reference() if of is None else of, settings)


def test_every_feature_has_its_directions_and_the_monitor_has_volume() -> None:
    found = table()
    by_feature: dict[str | None, list[str]] = {}
    for i, kind in enumerate(found.kinds):
        by_feature.setdefault(found.feature_name(i), []).append(kind)
    assert by_feature == {
        "age": ["location", "scale", "skew", "shape", "out of range", "missing", "invalid"],
        "city": [
            "category 'Bern'",
            "category 'Rome'",
            "rare categories",
            "new category",
            "missing",
            "invalid",
        ],
        None: ["volume"],
    }


def test_outermost_percents_are_directions_of_their_own() -> None:
    number = NumberLayout("age", tuple(range(6)), (0, 1, 1, 2, 3, 3, 4), 2.5, 1.0)
    of = Layout((number,), (), 60_000)
    found = table(of=profile(of, {"age": [0, 10, 490, 500, 0, 0, 0]}))
    assert "low tail" in found.kinds
    assert "high tail" not in found.kinds


def test_shapes_have_mean_zero_and_variance_one_on_the_reference() -> None:
    found = table()
    measure = Measure(found)
    measured = measure.means(measure.tally(reference(), np.zeros((1, len(found)))))
    assert measured.means[:-1] == pytest.approx(0, abs=1e-12)
    assert measure.spread(measured)[:4] == pytest.approx(1)


def test_shapes_of_few_bins_are_as_many_as_the_bins_can_tell_apart() -> None:
    phi = shapes(np.array([0.5, 0.3, 0.2]))
    assert (np.ptp(phi, axis=1) > 0).tolist() == [True, True, False, False]
    assert shapes(np.array([1.0])).tolist() == [[0.0]] * 4


def test_constant_reference_leaves_only_quality() -> None:
    of = layout(categories=())
    found = table(of=profile(of, {"age": [0, 0, 0, 50, *[0] * 8]}))
    watched = {kind for kind, weight in zip(found.kinds, found.weights, strict=True) if weight}
    assert watched == {"out of range", "missing", "invalid", "volume"}


def test_weights_sum_to_one_and_absent_groups_leave_theirs_to_features() -> None:
    found = table()
    assert found.weights.sum() == pytest.approx(1)
    quality = found.weights[found.quality].sum()
    assert quality == pytest.approx(0.10)
    assert found.weights[~found.quality].sum() == pytest.approx(0.90)


def test_prediction_and_score_are_a_group_of_their_own() -> None:
    of = layout(numbers=("age", "score"), categories=("prediction",))
    even = [0, *[100] * 10, 0]
    bins = {"age": even, "score": even, "prediction": [500, 500, 0, 0]}
    found = table(of=profile(of, bins))
    inside = np.array([group == "prediction" for group in found.groups])
    assert found.weights[inside].sum() == pytest.approx(0.20)


def test_important_features_weigh_more() -> None:
    found = table(BudgetSettings(importance={"age": 5.0}))
    shares = {
        name: sum(
            found.weights[i]
            for i in range(len(found))
            if found.feature_name(i) == name and not found.quality[i]
        )
        for name in ("age", "city")
    }
    assert shares["age"] == pytest.approx(5 * shares["city"])


def test_smallest_effects_count_in_the_units_that_the_user_gave() -> None:
    settings = BudgetSettings(
        smallest_effects={
            "age": SmallestEffect(0.5, "feature"),
            "city": SmallestEffect(0.02, "share"),
        }
    )
    found = table(settings)
    floors = dict(zip(found.keys, found.floors, strict=True))
    ids = layout().ids
    assert floors[f"{ids[0].hex()}/location"] == pytest.approx(0.25)  # half a unit of sd 2
    assert floors[f"{ids[0].hex()}/scale"] == 0.05
    rome = found.kinds.index("category 'Rome'")
    assert found.floors[rome] * found.units[rome] == pytest.approx(0.02)


def test_smallest_effect_in_sd_holds_for_all_directions_of_the_feature() -> None:
    found = table(BudgetSettings(smallest_effects={"age": SmallestEffect(0.3)}))
    assert {found.floors[i] for i in range(len(found)) if found.feature_name(i) == "age"} == {0.3}


def test_identity_differs_where_evidence_would_mean_something_else() -> None:
    other = profile(layout(), {"age": [0, *[50] * 5, *[150] * 5, 0], "city": [600, 390, 10, 0]})
    assert table().identity() == table().identity()
    assert table().identity() != table(of=other).identity()


def test_references_without_events_are_ordinary() -> None:
    found = table(of=profile(layout(), {}))
    assert np.isfinite(found.weights).all()
    assert found.weights.sum() == pytest.approx(1)


def test_monitors_of_categories_only_are_ordinary() -> None:
    of = Layout((), (CategoryLayout("city", ("Bern", "Rome"), ()),), 60_000)
    found = table(of=profile(of, {"city": [50, 50, 0, 0]}))
    assert found.n_shapes == 0
    assert found.weights.sum() == pytest.approx(1)
