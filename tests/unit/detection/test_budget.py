from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from benchmarks.detection_streams import DAY_MS, HOUR_MS, START_MS, Change
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.decision import Changed, Decision, Opened, Resolved
from stream_drift.detection.settings import BudgetSettings, SmallestEffect
from stream_drift.profiles.profile import Profile
from tests.unit.detection.building import HOURLY, WEEK, Monitor, armed

SHIFT = Change(shift=0.5)


def opened(decisions: Iterable[Decision]) -> list[Opened]:
    return [decision for decision in decisions if isinstance(decision, Opened)]


def test_stages_follow_the_calendar_and_say_what_is_missing() -> None:
    monitor = Monitor(HOURLY, WEEK)
    stages = []
    for day in (0, 6, 2, 11, 3):
        monitor.feed_days(day)
        monitor.feed(1)
        state = monitor.policy.baseline_state(monitor.now_ms)
        stages.append((state.stage, state.reasons))
    assert stages == [
        ("learning", ("learning: 0.0 of 7.0 days", "events in 0 of 60 hours")),
        ("learning", ("learning: 6.1 of 7.0 days",)),
        ("provisional", ("audit: 8.1 of 21.0 days",)),
        ("provisional", ("audit: 19.2 of 21.0 days",)),
        ("armed", ("learned from 7.0 days: under 14, weekends are a guess",)),
    ]


def test_learning_ignores_a_shift_of_values() -> None:
    monitor = Monitor(HOURLY, WEEK)
    assert monitor.feed_days(3, SHIFT) == []


def test_learning_opens_on_bad_data_without_a_promise() -> None:
    monitor = Monitor(HOURLY, WEEK)
    monitor.feed_days(1)
    found = opened(monitor.feed(4, Change(missing=0.5)))
    assert [(f.feature, f.reasons, f.aspect) for f in found[0].findings] == [
        ("f000", ("missing up",), "quality")
    ]
    assert found[0].budget is not None
    assert not found[0].budget.promised


def test_provisional_opens_without_a_promise() -> None:
    monitor = Monitor(HOURLY, WEEK)
    monitor.feed_days(8)
    found = opened(monitor.feed(10, SHIFT))
    assert found[0].budget is not None
    assert not found[0].budget.promised


def test_shift_opens_an_incident_that_says_what_where_how_far_and_since_when() -> None:
    monitor = armed()
    since_ms = monitor.now_ms
    found = opened(monitor.feed(10, SHIFT))[0]
    finding = found.findings[0]
    assert finding.feature == "f000"
    assert finding.reasons[0] == "location up"
    assert finding.unit == "sd"
    assert finding.effect_low is not None
    assert finding.effect_high is not None
    assert finding.effect_low < 0.5 < finding.effect_high
    assert finding.effect_sd == pytest.approx(finding.effect_low)
    assert found.onset.estimate_ms == since_ms
    assert found.onset.earliest_ms <= since_ms <= found.onset.latest_ms
    assert found.budget is not None
    assert found.budget.promised
    assert found.budget.evidence >= found.budget.threshold == 720


def test_down_is_not_up() -> None:
    found = opened(armed().feed(10, Change(shift=-0.5)))[0]
    assert found.findings[0].reasons[0] == "location down"
    assert found.findings[0].effect is not None
    assert found.findings[0].effect < 0


def test_wider_values_are_named_variance() -> None:
    found = opened(armed().feed(24, Change(scale=1.5)))[0]
    assert "variance up" in found.findings[0].reasons


def test_guilty_feature_is_confirmed_by_fresh_evidence() -> None:
    decisions = armed().feed(20, SHIFT)
    first = opened(decisions)[0]
    assert not first.findings[0].confirmed
    confirmed = [
        decision
        for decision in decisions
        if isinstance(decision, Changed) and decision.findings[0].confirmed
    ]
    assert confirmed[0].entry == first.entry
    assert confirmed[0].findings[0].feature == "f000"


def test_incident_ends_when_the_change_does() -> None:
    monitor = armed()
    monitor.feed(20, SHIFT)
    ended = [d for d in monitor.feed_days(3) if isinstance(d, Resolved)]
    assert [(d.entry, d.reason) for d in ended] == [("budget", "recovered")]


def test_incident_that_nobody_ends_turns_stale() -> None:
    monitor = armed()
    first = opened(monitor.feed(10, SHIFT))[0]
    decisions = monitor.feed_days(14, SHIFT)
    stale = [d for d in decisions if isinstance(d, Resolved)]
    assert [d.reason for d in stale] == ["stale"]
    assert stale[0].pane_end_ms == first.pane_end_ms + 14 * DAY_MS


def test_silence_also_lets_an_incident_turn_stale() -> None:
    monitor = armed()
    first = opened(monitor.feed(10, SHIFT))[0]
    empty = Profile.empty(monitor.stream.layout)
    start_ms = first.pane_end_ms + 14 * DAY_MS
    assert monitor.policy.close_pane(start_ms, empty) == (
        Resolved("budget", start_ms + HOUR_MS, "stale"),
    )


def test_accepted_state_is_the_new_normal() -> None:
    monitor = armed()
    monitor.feed_days(2, SHIFT)
    accepted = monitor.policy.accept("budget", monitor.now_ms)
    assert accepted == (Resolved("budget", monitor.now_ms, "accepted"),)
    assert opened(monitor.feed_days(4, SHIFT)) == []
    back = opened(monitor.feed(10))[0]
    assert back.findings[0].reasons[0] == "location down"


def test_unknown_entries_are_nothing_to_accept() -> None:
    fresh = Monitor(HOURLY, WEEK)
    assert fresh.policy.accept("budget", 0) == ()
    monitor = armed()
    assert monitor.policy.accept("budget", monitor.now_ms) == ()


def test_second_change_while_one_is_open_is_a_related_incident() -> None:
    monitor = armed()
    monitor.feed_days(1, SHIFT)
    both = replace(SHIFT, missing=0.6)
    second = opened(monitor.feed(6, both))[0]
    assert second.related_to_entry == "budget"
    assert second.entry == f"budget@{second.pane_end_ms}"
    assert second.findings[0].reasons == ("missing up",)


def test_findings_of_an_open_incident_follow_the_panes() -> None:
    monitor = armed()
    assert monitor.policy.findings("budget") == ()
    monitor.feed(10, SHIFT)
    early = monitor.policy.findings("budget")[0]
    monitor.feed_days(2, SHIFT)
    late = monitor.policy.findings("budget")[0]
    assert early.effect_low is not None
    assert late.effect_low is not None
    assert late.effect_low > early.effect_low
    assert Monitor(HOURLY, WEEK).policy.findings("budget") == ()


@pytest.mark.parametrize("n_features", [1, 3])
@pytest.mark.parametrize("n", [20, 500, 50_000])
def test_one_glitch_pane_opens_nothing(n: int, n_features: int) -> None:
    monitor = armed()
    assert monitor.glitch(n, 6.0, n_features) == []
    assert opened(monitor.feed_days(5)) == []


@pytest.mark.parametrize("n_features", [1, 20])
def test_one_pane_without_values_opens_nothing(n_features: int) -> None:
    daily = replace(WEEK, false_incidents_per_30d=30.0)
    monitor = armed(replace(HOURLY, n_features=20), daily)
    profile = monitor.stream.odd_pane(50_000, 0.0, 0)
    profile.view("missing")[:n_features] = profile.events
    for place in range(n_features):
        profile.bins_of(place)[:] = 0
    assert monitor.policy.close_pane(monitor.now_ms, profile) == ()
    monitor.now_ms += HOUR_MS
    assert opened(monitor.feed_days(3)) == []


def test_values_that_are_all_missing_open_within_two_panes() -> None:
    found = opened(armed().feed(2, Change(missing=1.0)))
    assert found[0].findings[0].reasons == ("missing up",)
    assert found[0].findings[0].effect == pytest.approx(1.0)
    assert found[0].findings[0].unit == "share"


def test_volume_that_halves_is_found_and_told_as_a_share() -> None:
    monitor = armed()
    monitor.stream.kind = replace(HOURLY, n=250.0)
    found = opened(monitor.feed_days(4))[0]
    finding = found.findings[0]
    assert finding.feature is None
    assert finding.reasons == ("volume down",)
    assert finding.effect == pytest.approx(-0.5, abs=0.05)


def test_effects_are_told_in_the_units_of_the_floor() -> None:
    own = replace(WEEK, smallest_effects={"f000": SmallestEffect(0.1, "feature")})
    found = opened(armed(settings=own).feed(10, SHIFT))[0]
    assert found.findings[0].unit == "feature"


def test_changes_under_the_smallest_effect_open_nothing() -> None:
    large = replace(WEEK, smallest_effect_sd=0.8)
    assert opened(armed(settings=large).feed_days(3, SHIFT)) == []


def test_without_learning_incidents_open_at_once_and_promise_nothing() -> None:
    monitor = Monitor(HOURLY, BudgetSettings(learning_ms=None))
    found = opened(monitor.feed(24, Change(shift=1.0)))[0]
    assert found.budget is not None
    assert not found.budget.promised
    state = monitor.policy.baseline_state(monitor.now_ms)
    assert state.reasons == ("no baseline: the centre is the reference, no budget is promised",)


def test_without_learning_noise_is_still_learned() -> None:
    monitor = Monitor(replace(HOURLY, cluster=10), BudgetSettings(learning_ms=None))
    assert opened(monitor.feed_days(20)) == []
    baseline = monitor.policy.baseline
    assert baseline is not None
    assert baseline.model.noise.within[0] > 4


def test_noise_around_the_reference_is_learned_once_and_then_only_grows() -> None:
    monitor = Monitor(HOURLY, BudgetSettings(learning_ms=None))
    monitor.feed_days(16)
    baseline = monitor.policy.baseline
    assert baseline is not None
    assert baseline.model.least_design[0] == 1
    before = baseline.model.noise.within.copy()
    monitor.feed_days(16)
    assert (baseline.model.noise.within >= before).all()
    assert len(baseline.clean.blocks) < 336


def test_sparse_streams_are_audited_as_long_as_others() -> None:
    monitor = Monitor(replace(HOURLY, gaps=0.9), WEEK)
    monitor.feed_days(27)
    assert monitor.policy.baseline_state(monitor.now_ms).stage == "learning"
    monitor.feed_days(30)
    assert monitor.policy.baseline_state(monitor.now_ms).stage == "armed"


def test_history_arms_at_once() -> None:
    monitor = Monitor(HOURLY, WEEK)
    starts = [START_MS + i * HOUR_MS for i in range(14 * 24)]
    panes = [(start_ms, monitor.stream.pane(start_ms)) for start_ms in starts]
    monitor.policy.learn_history(panes, (START_MS, START_MS + 14 * DAY_MS))
    monitor.now_ms = START_MS + 14 * DAY_MS
    state = monitor.policy.baseline_state(monitor.now_ms)
    assert (state.stage, state.reasons) == ("armed", ())
    found = opened(monitor.feed(10, SHIFT))[0]
    assert found.budget is not None
    assert found.budget.promised


def test_history_without_panes_leaves_the_monitor_to_learn_live() -> None:
    monitor = Monitor(HOURLY, WEEK)
    monitor.policy.learn_history([], (START_MS, START_MS))
    assert monitor.policy.baseline_state(START_MS).stage == "learning"


def test_direction_that_trends_while_learned_is_not_armed() -> None:
    monitor = Monitor(HOURLY, WEEK)
    for _ in range(21 * 24 + 1):
        age = (monitor.now_ms - START_MS) / (7 * DAY_MS)
        monitor.feed(1, Change(shift=min(age, 1.0)))
    listed = monitor.policy.baseline_state(monitor.now_ms).unarmable
    assert ("f000", "location", "trending") in listed
    assert {feature for feature, _, _ in listed} == {"f000"}


def test_evidence_is_told_per_feature_and_in_total_as_a_share_of_the_threshold() -> None:
    monitor = armed()
    calm = monitor.policy.evidence()
    monitor.feed(2, Change(shift=0.2))
    found = monitor.policy.evidence()
    assert set(found) == {None, "f000", "f001", "f002"}
    assert found["f000"] > 10 * calm["f000"]
    assert sum(value for name, value in found.items() if name) <= found[None] <= 1


def test_nothing_is_known_before_the_first_pane() -> None:
    policy = Monitor(HOURLY, WEEK).policy
    assert set(policy.evidence().values()) == {0.0}
    assert policy.expected_delay_ms(0.1, 500) is None
    assert policy.standing_offsets() == ()


def test_learned_level_against_the_reference_is_told_and_no_alarm() -> None:
    monitor = Monitor(HOURLY, WEEK)
    assert opened(monitor.feed_days(22, SHIFT)) == []
    offsets = {(o.feature, o.kind): o for o in monitor.policy.standing_offsets()}
    moved = offsets["f000", "location"]
    assert moved.low < 0.5 < moved.high
    assert moved.low > 0.4
    still = offsets["f001", "location"]
    assert abs(still.offset) < 0.03


def test_expected_delay_shrinks_with_volume_and_with_the_shift() -> None:
    policy = armed().policy
    delays = [policy.expected_delay_ms(shift, n) for shift, n in ((0.1, 500), (0.25, 500))]
    more = policy.expected_delay_ms(0.1, 5_000)
    assert all(delay is not None for delay in (*delays, more))
    assert delays[0] > delays[1]  # type: ignore[operator]
    assert delays[0] > more  # type: ignore[operator]
    assert policy.expected_delay_ms(0.001, 500) is None


def test_outlook_tells_delays_and_what_differs_from_the_reference() -> None:
    monitor = Monitor(HOURLY, WEEK)
    monitor.feed_days(22, SHIFT)
    outlook = monitor.policy.outlook(monitor.now_ms, 500)
    assert outlook.baseline.stage == "armed"
    assert [shift for shift, _ in outlook.delays_ms] == [0.1, 0.25]
    assert outlook.delays_ms[0][1] == monitor.policy.expected_delay_ms(0.1, 500)
    assert outlook.clear_offsets[0].feature == "f000"
    assert all(o.low > 0 or o.high < 0 for o in outlook.clear_offsets)
    assert len(outlook.clear_offsets) < len(outlook.offsets)


def test_state_of_other_directions_is_refused() -> None:
    monitor = armed()
    other = BudgetPolicy(WEEK, Monitor(replace(HOURLY, n_features=4)).stream.reference())
    assert not other.restore(monitor.policy.snapshot())
    assert other.baseline is None


def test_monitors_of_categories_alone_work_the_same() -> None:
    monitor = armed(replace(HOURLY, rare=True))
    assert monitor.policy.expected_delay_ms(0.1, 500) is None
    found = opened(monitor.feed(30, Change(shift=1.0)))[0]
    assert found.findings[0].feature == "f000"
    assert found.findings[0].unit == "share"


def test_accepting_before_the_monitor_is_armed_moves_the_audited_model_too() -> None:
    monitor = Monitor(HOURLY, WEEK)
    monitor.feed_days(8)
    monitor.feed_days(2, SHIFT)
    monitor.policy.accept("budget", monitor.now_ms)
    baseline = monitor.policy.baseline
    assert baseline is not None
    assert baseline.trial is not None
    assert baseline.trial.moved[0] == baseline.model.moved[0] > 0.3
    assert opened(monitor.feed_days(12, SHIFT)) == []


def test_history_too_short_for_a_baseline_is_judged_by_the_reference_and_not_promised() -> None:
    monitor = Monitor(HOURLY, WEEK)
    starts = [START_MS + i * HOUR_MS for i in range(30)]
    end_ms = START_MS + 30 * HOUR_MS
    panes = [(start_ms, monitor.stream.pane(start_ms)) for start_ms in starts]
    monitor.policy.learn_history(panes, (START_MS, end_ms))
    monitor.now_ms = end_ms
    state = monitor.policy.baseline_state(end_ms)
    assert state.stage == "provisional"
    assert state.reasons == ("no baseline: the centre is the reference, no budget is promised",)
    found = opened(monitor.feed(20, SHIFT))[0]
    assert found.budget is not None
    assert not found.budget.promised
