"""A notify role over a log in memory, with a channel that keeps what it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from stream_drift.incidents.alert import Alert, data_json, headers
from stream_drift.runtime.memory.log import MemoryLog
from stream_drift.runtime.memory.reader import MemoryReader
from stream_drift.runtime.notify.channel import Delivered, Outcome, Standing, StandingChannel
from stream_drift.runtime.notify.courier import Courier, Now, Tally
from stream_drift.runtime.notify.queue import QueueCourier, QueueSettings
from stream_drift.runtime.notify.selection import SelectionSettings
from stream_drift.runtime.notify.standing import StandingCourier
from stream_drift.runtime.notify_role import NotifyRole, notify_group
from stream_drift.runtime.own_topics import OwnTopics
from tests.unit.incidents.building import data, feature

NAME = "sd"
TOPIC = OwnTopics(NAME).alerts
START_MS = 1_790_200_000_000


class CrashError(Exception):
    """The process ends here."""


@dataclass
class FakeChannel:
    """Answers with `outcomes` in turn, then with `Delivered`."""

    outcomes: list[Outcome] = field(default_factory=list)
    messages: list[tuple[Alert, ...]] = field(default_factory=list)
    marks: list[str | None] = field(default_factory=list)
    attempts: int = 0
    answer: Callable[[Sequence[Alert]], Outcome] | None = None

    def tell(self, alerts: Sequence[Alert], mark: str | None) -> Outcome:
        self.attempts += 1
        self.marks.append(mark)
        outcome = self.outcomes.pop(0) if self.outcomes else Delivered()
        if self.answer is not None:
            outcome = self.answer(alerts)
        if isinstance(outcome, Delivered):
            self.messages.append(tuple(alerts))
        return outcome

    @property
    def ids(self) -> list[str]:
        return [alert.id for message in self.messages for alert in message]


@dataclass
class FakeMembers:
    """Receivers that must be told again and again; `down` ones answer as given."""

    members: Sequence[str] = ("a", "b")
    down: dict[int, Outcome] = field(default_factory=dict)
    posts: list[tuple[int, int, tuple[Standing, ...]]] = field(default_factory=list)

    def post(self, member: int, standing: Sequence[Standing], now_ms: int) -> Outcome:
        if member in self.down:
            return self.down[member]
        self.posts.append((member, now_ms, tuple(standing)))
        return Delivered()


class Scene:
    """The alerts topic, a clock that only the test moves, and roles over both."""

    def __init__(self, n_partitions: int = 1) -> None:
        self.now_ms = START_MS
        self.log = MemoryLog(lambda: self.now_ms)
        self.log.create_topic(TOPIC, n_partitions)
        self.tally = Tally()

    def now(self) -> Now:
        return Now(self.now_ms, self.now_ms / 1000)

    def say(self, alert: Alert, partition: int = 0) -> str:
        self.log.append((TOPIC, partition), data_json(alert), headers=headers(alert))
        return alert.id

    def role(self, channel: FakeChannel, name: str = "c", **settings: Any) -> Served:
        selection = settings.pop("selection", SelectionSettings())
        queue = QueueSettings(name, selection, **settings)
        return self.over(QueueCourier(queue, channel, lambda: 0.0, self.tally), name)

    def standing(
        self,
        members: StandingChannel,
        held: Callable[[str, int], bool] = lambda _monitor, _now_ms: False,
    ) -> Served:
        courier = StandingCourier(SelectionSettings(), members, held, lambda: 0.0, self.tally)
        return self.over(courier, "am")

    def over(self, courier: Courier, name: str) -> Served:
        reader = self.log.reader(notify_group(NAME, name), with_headers=True)
        role = NotifyRole(NAME, courier, reader, self.log.scanner(), self.now)
        role.start()
        return Served(self, role, reader)


@dataclass
class Served:
    """One life of a role."""

    scene: Scene
    role: NotifyRole
    reader: MemoryReader

    def run(self, seconds: float = 0.0, every_seconds: float = 1.0) -> None:
        """Step now and every second until so much time has gone by."""
        for _ in range(int(seconds / every_seconds)):
            self._quiesce()
            self.scene.now_ms += int(every_seconds * 1000)
        self._quiesce()

    def _quiesce(self) -> None:
        for _ in range(10):
            self.role.step()

    def crash(self) -> None:
        self.reader.fence()


def an_alert(incident: str, sequence: int = 0, /, time_ms: int = START_MS, **changes: Any) -> Alert:
    found = data(feature("location up"), incident=incident, dedup_key=incident, **changes)
    return Alert(f"{incident}/{sequence}", "io.streamdrift.x.v1", "/s", time_ms, found)


def over(incident: str, sequence: int, /, **changes: Any) -> Alert:
    end = {"status": "resolved", "change": "resolved", "resolved_at": "2026-09-21T20:00:00Z"}
    return an_alert(incident, sequence, **{**end, **changes})
