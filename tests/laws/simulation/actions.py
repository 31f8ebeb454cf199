"""What can happen in the simulation. Every action can be done at any time, or be left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.laws.simulation.stream import Habit

Role = Literal["profile", "detect"]


@dataclass(frozen=True, slots=True)
class Produce:
    """Records arrive in an input partition (its number is taken modulo what there is)."""

    topic: str
    partition: int
    n: int
    seed: int
    habit: Habit


@dataclass(frozen=True, slots=True)
class Wait:
    """The clock goes on."""

    ms: int


@dataclass(frozen=True, slots=True)
class Crash:
    """Die at the n-th seam from now; a share of the unsent output still gets out."""

    seam: int
    sent: float


@dataclass(frozen=True, slots=True)
class Freeze:
    """Stop at the n-th seam from now while other things happen, then go on unaware.

    ``fenced``: the group gives the member up in the meantime.
    """

    seam: int
    steps: int
    fenced: bool


@dataclass(frozen=True, slots=True)
class Stuck:
    """The next flushes do not get through."""

    flushes: int


@dataclass(frozen=True, slots=True)
class Run:
    """A process works for some steps; ``process`` is taken modulo the living ones."""

    role: Role
    process: int
    steps: int
    most_records: int
    seed: int
    trouble: Crash | Freeze | Stuck | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """Another process joins."""

    role: Role


@dataclass(frozen=True, slots=True)
class Stop:
    """A process leaves in an orderly way."""

    role: Role
    process: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """A record of the profiles topic arrives once more."""

    partition: int
    back: int


@dataclass(frozen=True, slots=True)
class Skip:
    """Offsets of an input partition hold nothing."""

    topic: str
    partition: int
    n: int


@dataclass(frozen=True, slots=True)
class Obey:
    """An operator's command for all open incidents of a monitor."""

    monitor: int
    action: str


@dataclass(frozen=True, slots=True)
class Spoil:
    """The detectors die and every monitor's newest checkpoint is lost; the older one remains."""

    partition: int


@dataclass(frozen=True, slots=True)
class Trim:
    """Retention takes a share of what an input partition holds."""

    topic: str
    partition: int
    share: float


@dataclass(frozen=True, slots=True)
class Widen:
    """A topic gets one more partition."""

    topic: str


@dataclass(frozen=True, slots=True)
class Recreate:
    """A topic is deleted and made anew."""

    topic: str
    n_partitions: int
    noticed: bool


@dataclass(frozen=True, slots=True)
class Expire:
    """The detectors die; retention takes what lies before the older checkpoints from the log.

    Of a detector that lived on, an even older one could still arrive: retention is not that short.
    """


@dataclass(frozen=True, slots=True)
class Forget:
    """The detectors die and the state topic is emptied: no checkpoint, no closed pane is left."""


Action = (
    Produce | Wait | Run | Start | Stop | Repeat | Skip | Obey
    | Spoil | Expire | Trim | Widen | Recreate | Forget
)  # fmt: skip
Schedule = tuple[Action, ...]
