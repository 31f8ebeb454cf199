"""A score per closed pane in, decisions out: ``O``pened, ``C``hanged, ``R``esolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from stream_drift.detection.decision import Changed, Decision, Opened, Resolved
from stream_drift.detection.threshold import ThresholdPolicy
from stream_drift.detection.threshold_settings import ThresholdSettings
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import Profile
from stream_drift.scoring.table import ScoreLine
from stream_drift.scoring.window_scores import WindowScores

PANE_MS = 300_000
EMPTY = Profile.empty(Layout((), (), PANE_MS))
ABOVE = ThresholdSettings("psi", "*", 0.2, None, "1h", 3_600_000, 3, ("adr", "lead"))
BELOW = replace(ABOVE, above=None, below=0.2)
LETTERS = {Opened: "O", Changed: "C", Resolved: "R"}

Value = float | None


def scores(values: dict[str | None, Value], end_ms: int, *, complete: bool = True) -> WindowScores:
    lines = {
        (feature, "psi"): ScoreLine(
            feature, "psi", value, value, "insufficient" if value is None else "ok", 100, None,
            None, None,
        )
        for feature, value in values.items()
    }  # fmt: skip
    return WindowScores("1h", end_ms - 3_600_000, end_ms, EMPTY, complete, lines)


def decisions(
    policy: ThresholdPolicy, panes: Sequence[tuple[Value, Value]], first: int = 0
) -> list[list[Decision]]:
    found = []
    for i, (adr, lead) in enumerate(panes, first):
        end_ms = (i + 1) * PANE_MS
        windows = {"1h": scores({"adr": adr, "lead": lead}, end_ms)}
        found.append(policy.close_pane(end_ms, PANE_MS, windows))
    return found


def story(settings: ThresholdSettings, adr: Sequence[Value], lead: Sequence[Value] = ()) -> str:
    """One letter per pane; a point where nothing was decided."""
    lead = lead or [0.0 if settings.below is None else 9.0] * len(adr)
    found = decisions(ThresholdPolicy(settings), list(zip(adr, lead, strict=True)))
    return "".join(LETTERS[type(made[0])] if made else "." for made in found)


@pytest.mark.parametrize(
    ("adr", "expected"),
    [
        ([0.3, 0.3, 0.3, 0.3], "..OC"),
        ([0.3, 0.3, 0.1, 0.3, 0.3], "....."),
        ([0.3, 0.3, None, 0.3, 0.3], "....."),
        ([0.2, 0.2, 0.2, 0.2], "...."),
        ([0.3, 0.3, 0.3, 0.1, 0.1, 0.1, 0.1], "..OCCR."),
        ([0.3, 0.3, 0.3, 0.17, 0.17, 0.17], "..OCCC"),
        ([0.3, 0.3, 0.3, 0.16, 0.16, 0.16], "..OCCR"),
        ([0.3, 0.3, 0.3, 0.1, 0.1, 0.17, 0.1, 0.1, 0.1], "..OCCCCCR"),
        ([0.3, 0.3, 0.3, 0.1, 0.1, None, 0.1, 0.1], "..OCCCCC"),
        ([0.3, 0.3, 0.3, 0.1, 0.1, 0.1, 0.3, 0.3, 0.3], "..OCCR..O"),
    ],
)
def test_an_incident_opens_and_resolves_after_enough_panes(adr: list[Value], expected: str) -> None:
    assert story(ABOVE, adr) == expected


def test_a_lower_limit_is_left_upwards() -> None:
    assert story(BELOW, [0.1, 0.1, 0.1, 0.24, 0.24, 0.24, 0.25, 0.25, 0.25]) == "..OCCCCCR"


@pytest.mark.parametrize(
    ("settings", "back", "not_back"),
    [
        (replace(ABOVE, above=-1.0), -1.2, -1.1),
        (replace(BELOW, below=-1.0), -0.75, -0.8),
        (replace(ABOVE, above=0.0), 0.0, 0.001),
    ],
)
def test_limits_may_be_negative_or_zero(
    settings: ThresholdSettings, back: float, not_back: float
) -> None:
    beyond = 5.0 if settings.below is None else -5.0
    policy = replace(settings, n_panes=1, features=("adr",))
    assert story(policy, [beyond, not_back, back]) == "OCR"


def test_features_join_and_the_last_one_back_resolves() -> None:
    one = replace(ABOVE, n_panes=1)
    found = decisions(
        ThresholdPolicy(one), [(0.3, 0.0), (0.3, 0.3), (0.1, 0.3), (0.1, 0.1)]
    )  # fmt: skip
    guilty = [
        [finding.feature for finding in made[0].findings]
        for made in found
        if isinstance(made[0], Opened | Changed)
    ]
    assert guilty == [["adr"], ["adr", "lead"], ["lead"]]
    assert found[-1] == [Resolved(one.policy, 4 * PANE_MS, "recovered")]


def test_panes_of_incomplete_windows_are_passed_over() -> None:
    policy = ThresholdPolicy(replace(ABOVE, n_panes=2))
    beyond: dict[str | None, Value] = {"adr": 0.3, "lead": 0.0}
    back: dict[str | None, Value] = {"adr": 0.1, "lead": 0.1}
    made = []
    for i, (values, complete) in enumerate(
        [(beyond, False), (beyond, True), (back, False), (beyond, True), (back, False)], 1
    ):
        windows = {"1h": scores(values, i * PANE_MS, complete=complete)}
        made.append(bool(policy.close_pane(i * PANE_MS, PANE_MS, windows)))
    assert made == [False, False, False, True, False]


def test_the_onset_lies_in_the_window_of_the_first_pane_of_the_streak() -> None:
    (opened,) = decisions(ThresholdPolicy(ABOVE), [(0.3, 0.0)] * 3)[-1]
    assert isinstance(opened, Opened)
    assert opened.onset.latest_ms == PANE_MS
    assert opened.onset.estimate_ms == 0
    assert opened.onset.earliest_ms == PANE_MS - 3_600_000
    assert (opened.entry, opened.policy, opened.window) == (ABOVE.policy, ABOVE.policy, "1h")


def test_the_model_as_a_whole_has_a_score_too() -> None:
    settings = replace(ABOVE, of="model", n_panes=1, features=())
    windows = {"1h": scores({None: 0.3}, PANE_MS)}
    (opened,) = ThresholdPolicy(settings).close_pane(PANE_MS, PANE_MS, windows)
    assert isinstance(opened, Opened)
    assert [finding.feature for finding in opened.findings] == [None]


@pytest.mark.parametrize("cut", range(7))
def test_a_policy_goes_on_from_its_snapshot(cut: int) -> None:
    panes: list[tuple[Value, Value]] = [
        (0.3, 0.3), (0.3, 0.1), (0.3, 0.3), (0.1, 0.3), (0.1, 0.3), (0.1, 0.1), (0.1, 0.1),
    ]  # fmt: skip
    whole, first, second = (ThresholdPolicy(ABOVE) for _ in range(3))
    before = decisions(first, panes[:cut])
    second.restore(first.snapshot())
    assert before + decisions(second, panes[cut:], cut) == decisions(whole, panes)


def test_features_no_longer_watched_are_forgotten() -> None:
    policy = ThresholdPolicy(replace(ABOVE, n_panes=1))
    decisions(policy, [(0.3, 0.0)])
    fresh = ThresholdPolicy(replace(ABOVE, n_panes=1, features=("lead",)))
    fresh.restore(policy.snapshot())
    assert fresh.is_open
    (resolved,) = decisions(fresh, [(0.3, 0.0)], 1)[0]
    assert isinstance(resolved, Resolved)
