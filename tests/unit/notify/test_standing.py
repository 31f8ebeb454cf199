"""The notify role with a channel that is told again and again what stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from stream_drift.runtime.notify.channel import Delivered, Outcome, Retry, Standing
from stream_drift.runtime.notify.selection import SelectionSettings
from stream_drift.runtime.notify.standing import StandingCourier
from stream_drift.runtime.notify_role import NotifyRole
from tests.unit.notify.world import World, alert

DOWN = Retry("down")


@dataclass
class Cluster:
    """Two members that note what they are told, or are down."""

    down: set[int] = field(default_factory=set)
    posts: list[tuple[int, list[str]]] = field(default_factory=list)
    members: tuple[str, ...] = ("one", "two")

    def post(self, member: int, standing: Sequence[Standing], now_ms: int) -> Outcome:
        del now_ms
        if member in self.down:
            return DOWN
        self.posts.append((member, [each.alert.id for each in standing]))
        return Delivered()

    def told(self, member: int) -> list[list[str]]:
        return [ids for who, ids in self.posts if who == member]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def role_of(world: World, cluster: Cluster) -> NotifyRole:
    courier = StandingCourier(
        SelectionSettings(), cluster, lambda _monitor, _now: False, lambda: 0.0, Counter()
    )
    return world.role(courier)


def test_every_member_is_told_at_once_and_then_every_minute(world: World, cluster: Cluster) -> None:
    role = role_of(world, cluster)
    world.publish(alert("a", 1), alert("b", 1))
    world.run(role, 2)
    assert cluster.told(0) == cluster.told(1) == [["a/1", "b/1"]]
    world.run(role, 121)
    assert len(cluster.told(0)) == len(cluster.told(1)) == 3


def test_the_end_is_told_for_five_minutes_more(world: World, cluster: Cluster) -> None:
    role = role_of(world, cluster)
    world.publish(alert("a", 1), alert("b", 1), alert("a", 2, change="resolved"))
    world.run(role, 290)
    assert cluster.told(0)[-1] == ["a/2", "b/1"]
    world.run(role, 90)
    assert cluster.told(0)[-1] == ["b/1"]


def test_a_restart_tells_what_stands(world: World, cluster: Cluster) -> None:
    first = role_of(world, cluster)
    world.publish(alert("a", 1), alert("b", 1), alert("b", 2, change="resolved"))
    world.run(first, 2)
    first.stop()
    world.now_ms += 3_600_000
    cluster.posts.clear()
    world.run(role_of(world, cluster), 2)
    assert cluster.posts == [(0, ["a/1"]), (1, ["a/1"])]


def test_what_came_and_went_while_nobody_ran_is_told(world: World, cluster: Cluster) -> None:
    first = role_of(world, cluster)
    world.run(first, 2)
    first.stop()
    world.publish(alert("a", 1), alert("a", 2, change="resolved"))
    world.now_ms += 3_600_000
    cluster.posts.clear()
    world.run(role_of(world, cluster), 2)
    assert cluster.told(0) == [["a/2"]]


def test_a_member_that_is_down_delays_no_other_and_hears_all_when_it_is_back(
    world: World, cluster: Cluster
) -> None:
    role = role_of(world, cluster)
    cluster.down = {1}
    world.publish(alert("a", 1))
    world.run(role, 600)
    assert len(cluster.told(0)) >= 10
    assert cluster.told(1) == []
    assert role.problem() is None
    cluster.down = set()
    world.run(role, 61)
    assert cluster.told(1)[-1] == ["a/1"]


def test_an_end_is_not_forgotten_while_all_members_are_down(world: World, cluster: Cluster) -> None:
    role = role_of(world, cluster)
    world.run(role, 1)
    cluster.down = {0, 1}
    world.publish(alert("a", 1), alert("a", 2, change="resolved"))
    world.run(role, 900)
    assert role.problem() == "the channel does not take alerts: down"
    cluster.down = set()
    world.run(role, 61)
    assert cluster.told(0)[0] == ["a/2"]
