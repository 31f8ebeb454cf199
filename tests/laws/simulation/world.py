"""The simulated world: a log, a clock, producers, and processes that are not spared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from stream_drift.engine.effects import PaneClosed, PaneMatured
from stream_drift.engine.row_store import RowStore
from stream_drift.runtime.detect_role import DetectRole, DetectRoleSettings
from stream_drift.runtime.memory.log import MemoryLog
from stream_drift.runtime.profile_role import ProfileRole, ProfileRoleSettings
from tests.laws.simulation import monitors
from tests.laws.simulation.actions import (
    Action,
    Expire,
    Forget,
    Obey,
    Produce,
    Recreate,
    Repeat,
    Role,
    Run,
    Schedule,
    Skip,
    Spoil,
    Start,
    Stop,
    Trim,
    Wait,
    Widen,
)  # fmt: skip
from tests.laws.simulation.own_log import N_PARTITIONS, NAME, OwnLog
from tests.laws.simulation.process import Process
from tests.laws.simulation.seams import Clients
from tests.laws.simulation.stream import Habit, Written, records

T0 = 1_700_000_040_000
MOST_PROCESSES = 3
MOST_PARTITIONS = 12


class World:
    """Executes schedules; what happened stands in the log, in ``written`` and in ``closed``.

    Attributes
    ----------
    written
        What producers wrote, by topic id and partition.
    closed
        Every closing of a pane by any process, by monitor and pane start.
    row_stores
        The sampled rows that detectors hold that take up their work in the end, by monitor.
    """

    def __init__(self, n_partitions: Mapping[str, int]) -> None:
        self.now_ms = T0
        self.log = MemoryLog(lambda: self.now_ms)
        self.own = OwnLog(self.log)
        self.written: dict[tuple[str, int], list[Written]] = defaultdict(list)
        self.closed: dict[tuple[str, int], list[PaneClosed]] = defaultdict(list)
        self.row_stores: dict[str, RowStore] = {}
        self._topics = tuple(n_partitions)
        self._processes: list[Process] = []
        self._ahead: Iterator[Action] = iter(())
        self._scanner = self.log.scanner()
        for topic, n in n_partitions.items():
            self.log.create_topic(topic, n, append_time=False)

    # Roles --------------------------------------------------------------------------------------

    def _profile_role(self, clients: Clients) -> ProfileRole:
        inputs = {
            topic: {monitor.name: monitor.profiler(topic) for monitor in monitors.reading(topic)}
            for topic in self._topics
        }
        settings = ProfileRoleSettings(NAME, inputs)
        return ProfileRole(settings, clients.reader, clients.writer, lambda: self.now_ms)

    def _detect_role(self, clients: Clients) -> DetectRole:
        detectors = {monitor.name: monitor.detector for monitor in monitors.ALL}
        return DetectRole(
            DetectRoleSettings(NAME, detectors),
            clients.reader,
            clients.writer,
            clients.scanner,
            lambda: self.now_ms,
            self._on_pane,
        )

    def _on_pane(self, monitor: str, pane: PaneClosed | PaneMatured) -> None:
        if isinstance(pane, PaneClosed):
            self.closed[monitor, pane.start_ms].append(pane)

    # Execution ----------------------------------------------------------------------------------

    def execute(self, schedule: Schedule) -> None:
        """Do everything, in order, though some of it while a process is frozen."""
        self._ahead = iter(schedule)
        while self._go_on(1):
            pass

    def settle(self) -> None:
        """All processes die; new ones work in peace until nothing more can happen."""
        for process in self._processes:
            if not process.is_dead:
                process.kill(0.5)
        fresh = [self._new("profile"), self._new("detect")]
        for tick in range(60):
            for process in fresh:
                process.run(Run(process.kind, 0, 3, 10_000, seed=4))
            self.now_ms += 5_000 if tick < 30 else 300_000
        for process in fresh:
            process.stop()
        heir = self._new("detect")
        heir.run(Run("detect", 0, 3, 10_000, seed=4))
        self.row_stores = {live.monitor: live.detector.rows for live in heir.live}
        heir.stop()

    def produce_everywhere(self, n: int, seed: int, habit: Habit) -> None:
        """Records arrive in every input partition there is now."""
        for topic in self._topics:
            for number in range(self._size(topic)):
                self._produce((topic, number), records(seed + number, n, habit, self.now_ms))

    def _go_on(self, steps: int) -> bool:
        """Do the next actions of the schedule; False where there are none left."""
        for _ in range(steps):
            action = next(self._ahead, None)
            if action is None:
                return False
            self._act(action)
        return True

    def _act(self, action: Action) -> None:
        match action:
            case Produce(topic, partition, n, seed, habit):
                at = (topic, partition % self._size(topic))
                self._produce(at, records(seed, n, habit, self.now_ms))
            case Wait(ms):
                self.now_ms += ms
            case Run() | Start() | Stop():
                self._touch_processes(action)
            case Repeat() | Obey() | Spoil() | Expire() | Forget():
                self._touch_own_log(action)
            case Skip() | Trim() | Widen() | Recreate():
                self._touch_input(action)

    # Processes ----------------------------------------------------------------------------------

    def _touch_processes(self, action: Run | Start | Stop) -> None:
        if isinstance(action, Start):
            if len(self._alive(action.role)) < MOST_PROCESSES:
                self._new(action.role)
            return
        process = self._able(action.role, action.process)
        if process is not None and isinstance(action, Run):
            process.run(action)
        elif process is not None:
            process.stop()

    def _able(self, role: Role, number: int) -> Process | None:
        able = [process for process in self._alive(role) if process.is_able]
        if not able and len(self._alive(role)) < MOST_PROCESSES:
            able = [self._new(role)]
        return able[number % len(able)] if able else None

    def _alive(self, role: Role) -> list[Process]:
        return [p for p in self._processes if p.kind == role and not p.is_dead]

    def _new(self, role: Role) -> Process:
        build = self._profile_role if role == "profile" else self._detect_role
        process = Process(role, self.log, build, self._go_on)
        self._processes.append(process)
        return process

    # Topics -------------------------------------------------------------------------------------

    def _produce(self, at: tuple[str, int], written: list[Written]) -> None:
        topic_id = self._scanner.topics([at[0]])[at[0]].topic_id
        for record in written:
            self.log.append(at, record.value, create_time_ms=record.created_ms)
        self.written[topic_id, at[1]] += written

    def _size(self, topic: str) -> int:
        return self._scanner.topics([topic])[topic].n_partitions

    def _touch_own_log(self, action: Repeat | Obey | Spoil | Expire | Forget) -> None:
        match action:
            case Repeat(number, back):
                self.own.repeat(number % N_PARTITIONS, back)
            case Obey(monitor, word):
                self.own.command(monitors.ALL[monitor].name, word)
            case _ if all(process.is_able for process in self._alive("detect")):
                for process in self._alive("detect"):
                    process.kill(0.5)
                self._lose_state(action)

    def _lose_state(self, action: Spoil | Expire | Forget) -> None:
        match action:
            case Spoil(number):
                self.own.spoil(number % N_PARTITIONS)
            case Expire():
                self.own.expire()
            case Forget():
                self.own.forget()

    def _touch_input(self, action: Skip | Trim | Widen | Recreate) -> None:
        n = self._size(action.topic)
        match action:
            case Skip(topic, number, n_offsets):
                self.log.skip((topic, number % n), n_offsets)
            case Trim(topic, number, share):
                at = (topic, number % n)
                end = self._scanner.end_offset(at)
                start = next((r.offset for r in self._scanner.scan(at)), end)
                self.log.trim(at, start + int(share * (end - start)))
            case Widen(topic):
                self.log.add_partitions(topic, min(n + 1, MOST_PARTITIONS))
            case Recreate(topic, n_partitions, is_noticed):
                if is_noticed:
                    self.log.delete_topic(topic)
                    self.log.create_topic(topic, n_partitions, append_time=False)
                else:
                    self.log.replace_topic_unnoticed(topic, n_partitions)
