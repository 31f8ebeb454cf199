"""A notify role over the log in memory, with a channel that does what the test wants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from stream_drift.incidents.alert import Alert, data_json, headers
from stream_drift.runtime.memory.log import MemoryLog
from stream_drift.runtime.notify.channel import Delivered, Outcome
from stream_drift.runtime.notify.courier import Courier, Now, Tally
from stream_drift.runtime.notify.queue import QueueCourier, QueueSettings
from stream_drift.runtime.notify.selection import SelectionSettings
from stream_drift.runtime.notify_role import NotifyRole, notify_group
from tests.unit.incidents.building import data

NAME = "shop"
START_MS = 1_790_000_000_000


def alert(incident: str, sequence: int, **changes: Any) -> Alert:
    """An alert; ``change=resolved`` closes its incident."""
    change = changes.get("change", "opened" if sequence == 1 else "severity")
    status = "resolved" if change in {"resolved", "superseded"} else "open"
    given = {"incident": incident, "change": change, "status": status, "dedup_key": incident}
    return Alert(
        f"{incident}/{sequence}",
        "io.streamdrift.incident.updated.v1",
        f"/streamdrift/{NAME}/monitors/m",
        START_MS + sequence * 60_000,
        data(**{**given, **changes}),
    )


@dataclass
class World:
    """A clock, a log, and what the channel was told."""

    now_ms: int = START_MS
    log: MemoryLog = field(init=False)
    told: list[str] = field(default_factory=list)
    marks: list[str | None] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    tally: Tally = field(default_factory=Counter)
    is_down: Callable[[], Outcome | None] = lambda: None
    settings: QueueSettings = field(
        default_factory=lambda: QueueSettings("hook", SelectionSettings())
    )

    def __post_init__(self) -> None:
        self.log = MemoryLog(lambda: self.now_ms)
        self.log.create_topic(f"{NAME}.alerts", 1)

    def tell(self, alerts: Sequence[Alert], mark: str | None) -> Outcome:
        """The channel."""
        outcome = self.is_down() or (self.outcomes.pop(0) if self.outcomes else Delivered())
        if isinstance(outcome, Delivered):
            self.told += [each.id for each in alerts]
            self.marks.append(mark)
        return outcome

    def publish(self, *alerts: Alert) -> None:
        for each in alerts:
            key = each.data.incident.encode()
            self.log.append((f"{NAME}.alerts", 0), data_json(each), key=key, headers=headers(each))

    def courier(self) -> Courier:
        return QueueCourier(self.settings, self, lambda: 0.0, self.tally)

    def role(self, courier: Courier | None = None, channel: str = "hook") -> NotifyRole:
        """A new process."""
        reader = self.log.reader(notify_group(NAME, channel), with_headers=True)
        role = NotifyRole(NAME, courier or self.courier(), reader, self.log.scanner(), self.now)
        role.start()
        return role

    def now(self) -> Now:
        return Now(self.now_ms, self.now_ms / 1000)

    def run(self, role: NotifyRole, seconds: float = 3.0) -> None:
        """Let simulated time pass, three steps a second."""
        for _ in range(int(seconds * 3)):
            role.step()
            self.now_ms += 333
