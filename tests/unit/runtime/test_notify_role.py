"""Every alert gets into every channel at least once, in order, with the same id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from stream_drift.errors import BrokerError
from stream_drift.incidents.alert import Alert
from stream_drift.runtime.notify.channel import Delivered, Outcome, Refused, Retry
from stream_drift.runtime.notify.selection import Route, SelectionSettings
from tests.unit.runtime.notifying import (
    START_MS,
    TOPIC,
    CrashError,
    FakeChannel,
    FakeMembers,
    Scene,
    Served,
    an_alert,
    over,
)

MINUTE_MS = 60_000
STORY = [
    an_alert("a", 0),
    an_alert("b", 0),
    an_alert("a", 1, change="severity", severity="severe"),
    over("b", 1),
    over("a", 2),
]
IDS = [alert.id for alert in STORY]


# Once, in order, nothing lost -------------------------------------------------------------------


def test_alerts_are_told_once_and_in_order() -> None:
    scene, channel = Scene(), FakeChannel()
    served = scene.role(channel)
    served.run()
    for alert in STORY:
        scene.say(alert)
    served.run(120)
    assert channel.ids == IDS
    assert scene.tally == {"sent": len(IDS)}
    assert served.role.n_waiting == 0


def test_a_duplicate_on_the_topic_is_told_once_even_by_the_next_process() -> None:
    scene, channel = Scene(), FakeChannel()
    for alert in [*STORY[:2], *STORY[:2]]:
        scene.say(alert)
    first = scene.role(channel)
    first.run()
    first.role.stop()
    scene.say(STORY[0])
    scene.role(channel).run()
    assert channel.ids == IDS[:2]


def test_what_is_foreign_on_the_topic_is_passed_over() -> None:
    scene, channel = Scene(), FakeChannel()
    served = scene.role(channel)
    for junk in (None, b"", b"{}"):
        scene.log.append((TOPIC, 0), junk, headers=[("ce_id", b"x/0")])
    scene.say(STORY[0])
    served.run()
    assert channel.ids == IDS[:1]


def test_without_the_topic_the_start_says_what_to_do() -> None:
    scene = Scene()
    scene.log.delete_topic(TOPIC)
    with pytest.raises(BrokerError, match="topics create"):
        scene.role(FakeChannel())


# Crashes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_taken", [False, True], ids=["before", "after it was taken"])
@pytest.mark.parametrize("place", range(len(STORY)))
def test_a_crash_while_telling_loses_nothing_and_invents_nothing(
    place: int, *, is_taken: bool
) -> None:
    scene, channel = Scene(), FakeChannel()
    for alert in STORY:
        scene.say(alert)

    def crash_once(alerts: Sequence[Alert]) -> Outcome:
        if channel.attempts == place + 1:
            if is_taken:
                channel.messages.append(tuple(alerts))
            raise CrashError
        return Delivered()

    channel.answer = crash_once
    served = scene.role(channel)
    with pytest.raises(CrashError):
        served.run(10)
    served.crash()
    scene.role(channel).run(10)
    again = [IDS[place]] if is_taken else []
    assert channel.ids == IDS[:place] + again + IDS[place:]


@pytest.mark.parametrize("n_steps", range(9))
def test_a_crash_between_steps_tells_at_most_the_last_again(n_steps: int) -> None:
    scene, channel = Scene(), FakeChannel()
    for alert in STORY:
        scene.say(alert)
    served = scene.role(channel)
    for _ in range(n_steps):
        served.role.step()
    served.crash()
    n_told = len(channel.ids)
    scene.role(channel).run(10)
    assert channel.ids[:n_told] == IDS[:n_told]
    assert channel.ids[n_told:] in (IDS[n_told:], IDS[max(n_told - 1, 0) :])


def test_what_appears_while_nobody_runs_is_told_at_the_start() -> None:
    scene, channel = Scene(), FakeChannel()
    first = scene.role(channel)
    first.run()
    first.role.stop()
    for alert in STORY:
        scene.say(alert)
    scene.now_ms += 3 * 86_400_000
    scene.role(channel).run(10)
    assert channel.ids == IDS


def test_a_new_channel_is_told_what_is_open_and_not_what_is_past() -> None:
    scene, channel = Scene(), FakeChannel()
    for alert in (an_alert("gone"), an_alert("open"), over("gone", 1)):
        scene.say(alert)
    scene.now_ms += 60 * MINUTE_MS
    scene.say(an_alert("new"))
    scene.role(channel).run()
    assert sorted(channel.ids) == ["new/0", "open/0"]


# Receivers that do not take it ------------------------------------------------------------------


def test_a_channel_that_is_down_delays_no_other_and_is_told_all_in_the_end() -> None:
    scene = Scene()
    down, well = FakeChannel(), FakeChannel()
    up_ms = START_MS + 10 * MINUTE_MS
    down.answer = lambda _: Delivered() if scene.now_ms >= up_ms else Retry("HTTP 503")
    broken, healthy = scene.role(down, "down"), scene.role(well, "well")
    for alert in STORY:
        scene.say(alert)
    healthy.run()
    assert well.ids == IDS
    broken.run(9 * 60)
    assert down.ids == []
    assert down.attempts < 30
    assert broken.role.problem() == "the channel does not take alerts: HTTP 503"
    assert healthy.role.problem() is None
    assert broken.role.n_waiting == len(IDS)
    broken.run(3 * 60)
    assert down.ids == IDS
    assert broken.role.problem() is None


def test_a_receiver_that_asks_for_time_gets_it() -> None:
    scene, channel = Scene(), FakeChannel([Retry("HTTP 429", 30.0)])
    served = scene.role(channel)
    scene.say(STORY[0])
    served.run(29)
    assert channel.attempts == 1
    served.run(2)
    assert channel.ids == IDS[:1]


def test_a_message_that_is_refused_three_times_is_given_up_and_the_next_is_told() -> None:
    scene, channel = Scene(), FakeChannel()
    channel.answer = lambda a: Refused("HTTP 400") if a[0].id == "a/0" else Delivered()
    served = scene.role(channel)
    for alert in STORY:
        scene.say(alert)
    served.run(60)
    assert channel.ids == IDS[1:]
    assert channel.attempts == 3 + len(IDS) - 1
    assert scene.tally == {"failed": 2, "refused": 1, "sent": 4}


def test_another_partition_does_not_make_a_refused_message_last_for_ever() -> None:
    scene, channel = Scene(2), FakeChannel()
    channel.answer = lambda a: Refused("HTTP 400") if a[0].id == "a/0" else Delivered()
    served = scene.role(channel)
    scene.say(an_alert("a"), 0)
    for i in range(60):
        scene.say(an_alert(f"x{i}"), 1)
        served.run(1)
    assert scene.tally["refused"] == 1


def test_the_mark_of_an_incident_survives_a_restart_and_ends_with_it() -> None:
    scene, channel = Scene(), FakeChannel([Delivered("17.5")])
    first = scene.role(channel)
    scene.say(STORY[0])
    first.run()
    first.crash()
    channel.outcomes = [Delivered("17.5")]
    scene.say(STORY[2])
    second = scene.role(channel)
    second.run()
    scene.say(over("a", 2))
    scene.say(an_alert("a", 3))
    second.run()
    assert channel.marks == [None, "17.5", "17.5", None]


# What is told -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "wanted"),
    [
        (Route(monitors=("hotel-*",)), ["h"]),
        (Route(kinds=("data_quality",)), ["q"]),
        (Route(features=("adr",)), []),
        (Route(features=("lead_*",)), ["h", "q", "s"]),
        (Route(at_least="severe"), ["s"]),
        (Route(monitors=("hotel-*",), at_least="severe"), []),
    ],
)
def test_routes_choose_by_monitor_kind_feature_and_severity(
    route: Route, wanted: list[str]
) -> None:
    scene, channel = Scene(), FakeChannel()
    served = scene.role(channel, selection=SelectionSettings(routes=(route,)))
    scene.say(an_alert("h", monitor="hotel-1", severity="notice"))
    scene.say(an_alert("q", monitor="m", severity="minor", kind="data_quality"))
    scene.say(an_alert("s", monitor="m", severity="severe"))
    for incident in "hqs":
        scene.say(over(incident, 1, severity="minor"))
    served.run(10)
    expected = [f"{incident}/{i}" for i in (0, 1) for incident in wanted]
    assert channel.ids == expected


def test_what_is_told_of_is_told_to_its_end_across_a_restart() -> None:
    scene, channel = Scene(), FakeChannel()
    selection = SelectionSettings(quiet_below="major")
    first = scene.role(channel, selection=selection)
    scene.say(an_alert("a", severity="notice"))
    scene.say(an_alert("a", 1, change="severity", severity="severe"))
    first.run(10)
    first.crash()
    scene.say(over("a", 2, severity="notice"))
    scene.role(channel, selection=selection).run(10)
    assert channel.ids == ["a/1", "a/2"]


def test_a_muted_incident_is_said_to_be_muted_and_then_only_to_be_over() -> None:
    scene, channel = Scene(), FakeChannel()
    served = scene.role(channel)
    muted: dict[str, Any] = {"labels": {"muted_until": "2026-09-22T00:00:00Z"}}
    scene.say(an_alert("a"))
    scene.say(an_alert("a", 1, change="muted", **muted))
    scene.say(an_alert("a", 2, change="severity", severity="severe", **muted))
    scene.say(over("a", 3, **muted))
    served.run(10)
    assert channel.ids == ["a/0", "a/1", "a/3"]


def test_reminders_come_no_more_often_than_wished() -> None:
    scene, channel = Scene(), FakeChannel()
    served = scene.role(channel, selection=SelectionSettings(repeat_interval_ms=4 * 3_600_000))
    for hour in range(10):
        change = "repeated" if hour else "opened"
        scene.say(an_alert("a", hour, time_ms=START_MS + hour * 3_600_000, change=change))
    served.run(10)
    assert channel.ids == ["a/0", "a/4", "a/8"]


def test_alerts_that_come_together_share_a_message_where_that_is_wanted() -> None:
    scene, channel = Scene(), FakeChannel()
    served = scene.role(channel, group_wait_ms=10_000)
    served.run()
    scene.say(an_alert("a"))
    served.run(5)
    scene.say(an_alert("b"))
    served.run(4)
    assert channel.messages == []
    served.run(2)
    assert [[alert.id for alert in message] for message in channel.messages] == [["a/0", "b/0"]]


# Maintenance ------------------------------------------------------------------------------------


def maintained(scene: Scene, channel: FakeChannel) -> Served:
    end_ms = START_MS + 60 * MINUTE_MS
    return scene.role(channel, held=lambda monitor, now_ms: monitor == "m" and now_ms < end_ms)


def test_maintenance_holds_a_monitor_and_then_tells_its_last_word() -> None:
    scene, channel = Scene(), FakeChannel()
    served = maintained(scene, channel)
    served.run()
    scene.say(an_alert("a", monitor="m"))
    scene.say(an_alert("x", monitor="other"))
    scene.say(an_alert("a", 1, monitor="m", change="severity", severity="severe"))
    scene.say(an_alert("short", monitor="m"))
    scene.say(over("short", 1, monitor="m"))
    served.run(10)
    assert channel.ids == ["x/0"]
    served.crash()
    served = maintained(scene, channel)
    served.run(10)
    assert channel.ids == ["x/0"]
    scene.now_ms += 60 * MINUTE_MS
    served.run(10)
    assert channel.ids == ["x/0", "a/1"]


def test_the_end_of_what_was_told_is_not_held() -> None:
    scene, channel = Scene(), FakeChannel()
    scene.now_ms -= MINUTE_MS
    served = scene.role(channel, held=lambda _, now_ms: now_ms >= START_MS)
    scene.say(an_alert("a"))
    served.run(1)
    scene.now_ms = START_MS
    scene.say(an_alert("a", 1, change="severity", severity="severe"))
    scene.say(over("a", 2))
    served.run(10)
    assert channel.ids == ["a/0", "a/2"]


def test_with_more_held_than_can_be_noted_no_end_comes_before_its_beginning() -> None:
    scene, channel = Scene(), FakeChannel()
    served = maintained(scene, channel)
    served.run()
    n = 150
    for i in range(n):
        scene.say(an_alert(f"i{i}", monitor="m"))
    scene.say(over(f"i{n - 1}", 1, monitor="m"))
    served.run(5)
    assert channel.ids == []
    scene.now_ms += 60 * MINUTE_MS
    served.run(30)
    assert {f"i{i}/0" for i in range(n - 1)} <= set(channel.ids)
    last = [told for told in channel.ids if told.startswith(f"i{n - 1}/")]
    assert last in ([], [f"i{n - 1}/0", f"i{n - 1}/1"])


# Receivers that forget --------------------------------------------------------------------------


def posts(members: FakeMembers, member: int) -> list[tuple[int, list[str]]]:
    """Second and alert ids of all that a member was told."""
    return [
        ((now_ms - START_MS) // 1000, [each.alert.id for each in standing])
        for number, now_ms, standing in members.posts
        if number == member
    ]


def test_what_stands_is_told_every_minute_and_its_end_for_five_more() -> None:
    scene, members = Scene(), FakeMembers(("a",))
    served = scene.standing(members)
    served.run()
    scene.say(an_alert("a"))
    served.run(150)
    assert posts(members, 0) == [(second, ["a/0"]) for second in (0, 60, 120)]
    members.posts.clear()
    scene.say(over("a", 1))
    served.run(1_000)
    assert posts(members, 0) == [(second, ["a/1"]) for second in range(150, 450, 60)]


def test_a_member_that_is_down_delays_no_other() -> None:
    scene, members = Scene(), FakeMembers(down={0: Retry("HTTP 503")})
    served = scene.standing(members)
    scene.say(an_alert("a"))
    served.run(180)
    assert posts(members, 1) == [(second, ["a/0"]) for second in (0, 60, 120, 180)]
    assert posts(members, 0) == []
    assert served.role.problem() is None
    members.down[1] = Retry("no answer")
    served.run(300)
    assert served.role.problem() == "the channel does not take alerts: HTTP 503"
    members.down.clear()
    served.run(61)
    assert posts(members, 0)[-1][1] == ["a/0"]
    assert served.role.problem() is None


def test_a_new_process_tells_at_once_what_stands() -> None:
    scene, members = Scene(), FakeMembers(("a",))
    first = scene.standing(members)
    for alert in (an_alert("a"), an_alert("b"), over("b", 1)):
        scene.say(alert)
    first.run()
    first.crash()
    scene.now_ms += 6 * MINUTE_MS
    members.posts.clear()
    scene.standing(members).run()
    assert posts(members, 0) == [(360, ["a/0"])]


def test_during_maintenance_only_ends_are_told() -> None:
    scene, members = Scene(), FakeMembers(("a",))
    served = scene.standing(members, held=lambda _, now_ms: now_ms < START_MS + 90_000)
    for alert in (an_alert("a"), an_alert("b"), over("b", 1)):
        scene.say(alert)
    served.run(130)
    told = posts(members, 0)
    assert told[0] == (0, ["b/1"])
    assert told[-1] == (120, ["a/0", "b/1"])
