"""The notify role with a channel that is told each alert once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stream_drift.runtime.notify.channel import Delivered, Refused, Retry
from stream_drift.runtime.notify.queue import QueueSettings
from stream_drift.runtime.notify.selection import Route, SelectionSettings
from tests.unit.incidents.building import feature
from tests.unit.notify.world import START_MS, World, alert


@pytest.fixture
def world() -> World:
    return World()


def test_alerts_are_told_in_order_and_once(world: World) -> None:
    role = world.role()
    world.publish(alert("a", 1), alert("b", 1), alert("a", 2), alert("a", 1))
    world.run(role)
    assert world.told == ["a/1", "b/1", "a/2"]
    assert dict(world.tally) == {"sent": 3}
    role.stop()
    again = world.role()
    world.run(again)
    assert world.told == ["a/1", "b/1", "a/2"]


def test_what_comes_while_nobody_runs_is_told_by_the_next_one(world: World) -> None:
    first = world.role()
    world.run(first)
    first.stop()
    world.publish(alert("a", 1), alert("a", 1), alert("a", 2, change="resolved"))
    world.now_ms += 3_600_000
    world.run(world.role())
    assert world.told == ["a/1", "a/2"]


def test_a_new_channel_begins_with_what_is_open(world: World) -> None:
    world.publish(alert("a", 1), alert("a", 2), alert("b", 1), alert("b", 2, change="resolved"))
    world.now_ms += 3_600_000
    world.publish(alert("c", 1))
    world.run(world.role())
    assert sorted(world.told) == ["a/2", "c/1"]


def test_a_failure_is_repeated_with_growing_pauses_and_the_receivers_wish(world: World) -> None:
    role = world.role()
    world.publish(alert("a", 1))
    world.outcomes = [Retry("x"), Retry("x"), Retry("x", after_seconds=100.0)]
    world.run(role, 6)
    assert (world.told, world.tally["failed"]) == ([], 3)
    assert role.problem() == "the channel does not take alerts: x"
    world.run(role, 90)
    assert world.told == []
    world.run(role, 20)
    assert world.told == ["a/1"]
    assert role.problem() is None


def test_a_message_that_is_refused_for_good_holds_up_no_other(world: World) -> None:
    role = world.role()
    world.publish(alert("a", 1), alert("b", 1))
    world.outcomes = [Refused("x")] * 3
    world.run(role, 20)
    assert world.told == ["b/1"]
    assert world.tally == {"failed": 2, "refused": 1, "sent": 1}


def test_a_channel_that_is_down_delays_no_other_and_loses_nothing(world: World) -> None:
    other = World()
    other.log = world.log
    down, up = world.role(), other.role(channel="other")
    until_ms = world.now_ms + 600_000
    world.is_down = lambda: Retry("503") if world.now_ms < until_ms else None
    for i in range(20):
        world.publish(alert(f"i{i}", 1))
        world.run(down, 30)
        other.now_ms = world.now_ms
        other.run(up, 1)
        assert len(other.told) == i + 1
    world.run(down, 200)
    assert world.told == other.told == [f"i{i}/1" for i in range(20)]


def test_marks_come_back_with_the_next_alert_also_after_a_restart(world: World) -> None:
    role = world.role()
    world.outcomes = [Delivered("ts1")]
    world.publish(alert("a", 1))
    world.run(role)
    role.stop()
    role = world.role()
    world.publish(alert("a", 2), alert("b", 1))
    world.run(role)
    assert world.marks == [None, "ts1", None]


def test_alerts_wait_while_their_monitor_is_maintained(world: World) -> None:
    def held(monitor: str, now_ms: int) -> bool:
        return monitor == "shop" and now_ms < START_MS + 600_000

    world.settings = replace(world.settings, held=held)
    role = world.role()
    world.publish(
        alert("a", 1, monitor="shop"),
        alert("b", 1, monitor="other"),
        alert("a", 2, monitor="shop"),
        alert("c", 1, monitor="shop"),
        alert("c", 2, monitor="shop", change="resolved"),
    )
    world.run(role)
    assert world.told == ["b/1"]
    role.stop()
    role = world.role()
    world.run(role)
    assert world.told == ["b/1"]
    world.now_ms = START_MS + 600_000
    world.run(role)
    assert world.told == ["b/1", "a/2"]


def test_routes_choose_by_monitor_severity_kind_and_feature(world: World) -> None:
    route = Route(("hotel-*",), "major", ("data_drift",), ("lead_*",))
    world.settings = QueueSettings("hook", SelectionSettings((route,)))
    role = world.role()
    world.publish(
        alert("mild", 1, severity="minor"),
        alert("else", 1, monitor="shop"),
        alert("kind", 1, kind="performance", features=(feature(),)),
        alert("yes", 1, features=(feature(),)),
        alert("mild", 2, severity="severe", features=(feature(),)),
        alert("mild", 3, severity="minor"),
        alert("else", 2, monitor="shop", change="resolved"),
        alert("yes", 2, change="resolved"),
    )
    world.run(role, 5)
    assert world.told == ["yes/1", "mild/2", "mild/3", "yes/2"]


def test_reminders_keep_to_the_interval_and_muted_incidents_are_quiet(world: World) -> None:
    world.settings = QueueSettings("hook", SelectionSettings(repeat_interval_ms=120_000))
    role = world.role()
    muted = {"muted_until": "2026-12-01T00:00:00Z"}
    world.publish(
        *(alert("a", n, change="repeated" if n > 1 else "opened") for n in range(1, 6)),
        alert("a", 6, change="muted", labels=muted),
        alert("a", 7, labels=muted),
        alert("a", 8, change="resolved", labels=muted),
    )
    world.run(role, 5)
    assert world.told == ["a/1", "a/3", "a/5", "a/6", "a/8"]


@pytest.mark.parametrize("seam", range(12))
def test_a_crash_anywhere_loses_nothing(seam: int) -> None:
    world = World()
    calls = 0

    class KilledError(Exception):
        pass

    def reached() -> None:
        nonlocal calls
        calls += 1
        if calls == seam + 1:
            raise KilledError

    class Fragile:
        """The channel, hit before or after it has taken an alert."""

        def tell(self, alerts: object, mark: str | None) -> Delivered:
            reached()
            outcome = world.tell(alerts, mark)  # type: ignore[arg-type]
            reached()
            assert isinstance(outcome, Delivered)
            return outcome

    for i in range(4):
        world.publish(alert(f"i{i}", 1), alert(f"i{i}", 2))
    while True:
        courier = world.courier()
        courier._channel = Fragile()  # type: ignore[attr-defined]  # noqa: SLF001 - the seam
        role = world.role(courier)
        try:
            world.run(role, 10)
            break
        except KilledError:
            role._reader.fence()  # type: ignore[attr-defined]  # noqa: SLF001 - dies unprepared
    assert list(dict.fromkeys(world.told)) == [f"i{i}/{n}" for i in range(4) for n in (1, 2)]
    assert len(world.told) <= 9
