"""A simulated process: one role, and what befalls it."""

from __future__ import annotations

from collections.abc import Callable

from stream_drift.errors import BrokerError
from stream_drift.runtime.detect_role import DetectRole
from stream_drift.runtime.live_detector import LiveDetector
from stream_drift.runtime.memory.log import MemoryLog
from stream_drift.runtime.profile_role import ProfileRole
from tests.laws.simulation.actions import Crash, Freeze, Role, Run, Stuck
from tests.laws.simulation.own_log import NAME
from tests.laws.simulation.seams import Clients, Crashed, SeamReader, SeamScanner, SeamWriter


class Process:
    """One process of one role; its calls into the log pass the seams where it can be hit.

    Parameters
    ----------
    build
        Makes its role.
    go_on
        Lets the rest of the world take steps while this process is frozen.
    """

    def __init__(
        self,
        kind: Role,
        log: MemoryLog,
        build: Callable[[Clients], ProfileRole | DetectRole],
        go_on: Callable[[int], bool],
    ) -> None:
        self.kind = kind
        self.is_busy = False
        self.is_dead = False
        self._go_on = go_on
        self._trouble: Crash | Freeze | None = None
        self._seams_left = 0
        self._clients = Clients(
            SeamReader(log.reader(f"{NAME}.{kind}", with_keys=kind == "detect"), self._at_seam),
            SeamWriter(log.writer(), self._at_seam),
            SeamScanner(log.scanner(), self._at_seam),
        )
        self._role = build(self._clients)
        self._role.start()

    @property
    def is_able(self) -> bool:
        """Whether it can be told to do something."""
        return not self.is_busy and not self.is_dead

    @property
    def live(self) -> list[LiveDetector]:
        """The detectors that it looks after."""
        return self._role.live if isinstance(self._role, DetectRole) else []

    def run(self, action: Run) -> None:
        """Work for some steps, unless hit."""
        self.is_busy = True
        self._clients.reader.most_records = action.most_records
        self._clients.scanner.reseed(action.seed)
        self._clients.writer.deliver((action.seed % 5) / 4)
        self._expect(action.trouble)
        try:
            for _ in range(action.steps):
                self._role.step()
        except Crashed:
            self.is_dead = True
        except BrokerError:  # as `Runner` does: this role ends in order, another one begins
            self.stop()
        finally:
            self.is_busy = False
            self._trouble = None

    def stop(self) -> None:
        """Leave in an orderly way."""
        self.is_busy, self._trouble = True, None
        self._role.stop()
        self.is_dead = True

    def kill(self, sent: float) -> None:
        """Die; a share of what waits was already on its way."""
        self._clients.writer.deliver(sent)
        self._clients.writer.close()
        self._clients.reader.inner.fence()
        self.is_dead = True

    def _expect(self, trouble: Crash | Freeze | Stuck | None) -> None:
        match trouble:
            case Stuck(flushes):
                self._clients.writer.n_stuck = flushes
            case Crash(seam) | Freeze(seam):
                self._trouble, self._seams_left = trouble, seam

    def _at_seam(self) -> None:
        if self._trouble is None:
            return
        self._seams_left -= 1
        if self._seams_left >= 0:
            return
        trouble, self._trouble = self._trouble, None
        match trouble:
            case Crash(_, sent):
                self.kill(sent)
                raise Crashed
            case Freeze(_, steps, is_fenced):
                if is_fenced:
                    self._clients.reader.inner.fence()
                self._go_on(steps)
