"""Alertmanager's channel against the real Alertmanager, in a cluster of strangers."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stream_drift.channels.build import build_channel
from stream_drift.runtime import clock
from stream_drift.runtime.notify.channel import StandingChannel
from stream_drift.runtime.notify.courier import Now
from stream_drift.runtime.notify.selection import SelectionSettings
from stream_drift.runtime.notify.standing import StandingCourier
from stream_drift.runtime.notify_role import NotifyRole
from tests.support.ports import free_port
from tests.support.process import Process
from tests.support.receiver import Receiver
from tests.support.service import Pages
from tests.unit.notify.world import World, alert

CONFIG = """\
route: {receiver: hook, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
receivers: [{name: hook, webhook_configs: [{url: URL, send_resolved: true}]}]
"""


class Member:
    """One Alertmanager that knows no other, and where it sends to."""

    def __init__(self, folder: Path, hook: str) -> None:
        self.folder, self.port = folder, free_port()
        folder.mkdir()
        (folder / "am.yaml").write_text(CONFIG.replace("URL", hook))
        self.process = self._started()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def restart(self) -> None:
        self.process.kill()
        self.process = self._started()

    def _started(self) -> Process:
        program = shutil.which("prometheus-alertmanager")
        if program is None:
            pytest.fail("prometheus-alertmanager is missing: `make packages` installs it")
        command = [
            program,
            f"--config.file={self.folder / 'am.yaml'}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
        ]
        process = Process(command, self.folder / "am.log")
        wait(lambda: _is_up(self.port))
        return process


def _is_up(port: int) -> bool:
    return Pages(port).get("/-/ready")[0] == 200


def wait(condition: Callable[[], bool], step: Callable[[], object] = lambda: None) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        step()
        time.sleep(0.05)


@contextmanager
def cluster(folder: Path, *hooks: str) -> Iterator[list[Member]]:
    members = [Member(folder / str(i), hook) for i, hook in enumerate(hooks)]
    try:
        yield members
    finally:
        for member in members:
            member.process.kill()


def told(receiver: Receiver) -> list[Any]:
    return [
        each for request in list(receiver.requests) for each in json.loads(request.body)["alerts"]
    ]


def role_of(world: World, members: list[Member]) -> NotifyRole:
    urls = tuple(member.url for member in members)
    channel = build_channel("alertmanager", {"urls": urls}, clock.now_ms)
    assert isinstance(channel, StandingChannel)
    courier = StandingCourier(
        SelectionSettings(), channel, lambda _monitor, _now: False, lambda: 0.0, Counter()
    )
    return world.role(courier)


class RealWorld(World):
    def now(self) -> Now:
        self.now_ms = clock.now_ms()
        return Now(self.now_ms, clock.monotonic_seconds())


def test_what_fires_and_ends_reaches_the_hooks_of_every_member_once(tmp_path: Path) -> None:
    world = RealWorld(now_ms=clock.now_ms())
    opened = datetime.fromtimestamp(world.now_ms / 1000 - 600, UTC).isoformat()
    times = {"opened_at": opened, "detected_at": opened}
    with (
        Receiver() as one,
        Receiver() as two,
        cluster(tmp_path, f"{one.url}/one", f"{two.url}/two") as members,
    ):
        first = role_of(world, members)
        world.publish(alert("a", 1, **times))
        wait(lambda: bool(told(one) and told(two)), first.step)
        world.publish(alert("a", 2, severity="severe", **times))
        for _ in range(5):
            first.step()
        first.stop()
        members[1].restart()
        second = role_of(world, members)
        resolved = datetime.fromtimestamp(clock.now_ms() / 1000 - 1, UTC).isoformat()
        world.publish(alert("a", 3, change="resolved", resolved_at=resolved, **times))
        wait(lambda: [each["status"] for each in told(one)][-1] == "resolved", second.step)
        second.stop()
    found = told(one)
    assert [each["status"] for each in found] == ["firing", "resolved"]
    assert len({each["fingerprint"] for each in found + told(two)}) == 1
    assert found[0]["labels"]["monitor"] == "hotel-cancellation"
    assert found[0]["annotations"]["severity"] == "major"
    assert datetime.fromisoformat(found[1]["startsAt"]) < datetime.fromisoformat(found[1]["endsAt"])
