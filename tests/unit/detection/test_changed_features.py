"""What a monitor keeps when features join or leave, and when settings change."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache

import pytest

from benchmarks.detection_streams import Change
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.decision import Decision, Opened
from stream_drift.detection.settings import DAY_MS, BudgetSettings
from stream_drift.profiles.codec import pack_profile, unpack_profile
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import Profile
from tests.unit.detection.building import HOURLY, WEEK, Monitor

SHIFT = Change(shift=0.5)


def part_of(profile: Profile, places: tuple[int, ...]) -> Profile:
    """The profile of some of its features, in another order."""
    whole = profile.layout
    numbers = tuple(whole.numbers[i] for i in places)
    return unpack_profile(pack_profile(profile), Layout(numbers, (), whole.pane_ms))


class Watched:
    """A stream of four features of which the policy sees some."""

    def __init__(self, places: tuple[int, ...], settings: BudgetSettings = WEEK) -> None:
        self.whole = Monitor(replace(HOURLY, n_features=4), settings)
        self.reference = self.whole.stream.reference()
        self.watch(places, settings)

    def watch(self, places: tuple[int, ...], settings: BudgetSettings = WEEK) -> BudgetPolicy:
        """From now on a fresh policy sees these."""
        self.places = places
        self.policy = BudgetPolicy(settings, part_of(self.reference, places))
        return self.policy

    def feed_days(self, days: float, change: Change | None = None) -> list[Decision]:
        found: list[Decision] = []
        end_ms = self.whole.now_ms + days * DAY_MS
        while self.whole.now_ms < end_ms:
            pane = part_of(self.whole.stream.pane(self.whole.now_ms, change), self.places)
            found += self.policy.close_pane(self.whole.now_ms, pane)
            self.whole.now_ms += self.whole.pane_ms
        return found

    @property
    def stage(self) -> str:
        return self.policy.baseline_state(self.whole.now_ms).stage


def opened(decisions: list[Decision]) -> list[Opened]:
    return [decision for decision in decisions if isinstance(decision, Opened)]


def armed(places: tuple[int, ...]) -> Watched:
    return deepcopy(_armed(places))


@cache
def _armed(places: tuple[int, ...]) -> Watched:
    watched = Watched(places)
    assert opened(watched.feed_days(22)) == []
    assert watched.stage == "armed"
    return watched


def test_features_that_stay_keep_their_baseline_whatever_their_order() -> None:
    watched = armed((0, 1))
    state = watched.policy.snapshot()
    before = watched.policy.baseline
    policy = watched.watch((3, 1, 0))
    assert policy.restore(state)
    assert watched.stage == "armed"
    assert before is not None
    assert policy.baseline is not None
    levels, kept = before.model.season.levels, policy.baseline.model.season.levels
    assert kept[:, 4:8].tolist() == levels[:, 4:8].tolist()
    assert kept[:, 8:12].tolist() == levels[:, :4].tolist()
    assert [found.findings[0].feature for found in opened(watched.feed_days(2, SHIFT))] == ["f000"]


def test_new_feature_opens_nothing_until_it_is_learned_and_audited() -> None:
    watched = armed((1, 2))
    state = watched.policy.snapshot()
    assert watched.watch((0, 1, 2)).restore(state)
    assert watched.stage == "armed"
    assert opened(watched.feed_days(1, SHIFT)) == []
    state_now = watched.policy.baseline_state(watched.whole.now_ms)
    assert {(feature, why) for feature, _, why in state_now.unarmable} == {
        ("f000", "new: still being learned")
    }
    assert "new features are learned: 1.0 of 7.0 days" in state_now.reasons
    assert opened(watched.feed_days(7, SHIFT)) == []
    assert watched.stage == "provisional"
    assert opened(watched.feed_days(4, SHIFT)) == []
    assert watched.stage == "armed"
    found = opened(watched.feed_days(2))
    assert [incident.findings[0].feature for incident in found] == ["f000"]


def test_others_go_on_while_a_new_feature_is_learned() -> None:
    watched = armed((0, 1))
    state = watched.policy.snapshot()
    assert watched.watch((0, 1, 2)).restore(state)
    found = opened(watched.feed_days(2, SHIFT))
    assert [incident.findings[0].feature for incident in found] == ["f000"]
    assert found[0].budget is not None
    assert found[0].budget.promised


def test_feature_that_joins_while_the_monitor_learns_is_learned_after_it() -> None:
    watched = Watched((0, 1))
    watched.feed_days(6)
    state = watched.policy.snapshot()
    assert watched.watch((0, 1, 2)).restore(state)
    watched.feed_days(3)
    assert watched.stage == "provisional"
    assert opened(watched.feed_days(20)) == []
    assert watched.stage == "armed"
    assert watched.policy.baseline_state(0).unarmable == ()


def test_state_survives_a_restart_while_a_new_feature_is_learned() -> None:
    watched = armed((0, 1))
    state = watched.policy.snapshot()
    assert watched.watch((0, 1, 2)).restore(state)
    watched.feed_days(2)
    state = watched.policy.snapshot()
    assert watched.watch((0, 1, 2)).restore(state)
    assert watched.policy.snapshot() == state


def test_incident_goes_with_its_last_feature_and_stays_with_another() -> None:
    watched = armed((0, 1))
    assert opened(watched.feed_days(1, SHIFT))
    state = watched.policy.snapshot()
    assert watched.watch((0, 2)).restore(state)
    assert watched.policy.entries == {"budget"}
    assert watched.policy.findings("budget")[0].feature == "f000"
    assert watched.watch((1, 2)).restore(state)
    assert watched.policy.entries == frozenset()


@pytest.mark.parametrize(
    "settings",
    [replace(WEEK, smallest_effect_sd=0.3), replace(WEEK, importance={"f001": 5.0})],
)
def test_other_floors_and_weights_keep_the_baseline(settings: BudgetSettings) -> None:
    watched = armed((0, 1))
    state = watched.policy.snapshot()
    assert watched.watch((0, 1), settings).restore(state)
    assert watched.stage == "armed"
    assert watched.policy.baseline_state(0).unarmable == ()


def test_nothing_is_kept_of_features_that_are_not_watched() -> None:
    watched = armed((0, 1))
    assert not watched.watch((2, 3)).restore(watched.whole.policy.snapshot())
    state = Watched((0, 1))
    state.feed_days(1)
    policy = watched.watch((2, 3))
    assert not policy.restore(state.policy.snapshot())
    assert policy.baseline is None
