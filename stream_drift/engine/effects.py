"""What the state machines ask of the shell; it carries them out and decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stream_drift.incidents.alert import Alert
from stream_drift.profiles.profile import Profile
from stream_drift.profiles.rows import PaneRows
from stream_drift.scoring.table import ScoreLine
from stream_drift.scoring.window_scores import WindowScores
from stream_drift.windows.log import LogRecord


@dataclass(frozen=True, slots=True)
class AppendToLog:
    """Append this to the monitor's partition of the profiles topic."""

    record: LogRecord


@dataclass(frozen=True, slots=True)
class CopyReject:
    """Copy a record that could not be used to the rejects topic, if the rate allows."""

    topic: str
    partition: int
    offset: int
    reason: str
    detail: str
    key: bytes | None
    value: bytes | None


JoinKind = Literal["waiting", "labels"]

ProfilerEffect = AppendToLog | CopyReject


@dataclass(frozen=True, slots=True)
class PaneClosed:
    """A pane with events closed: keep its profile, publish its scores."""

    start_ms: int
    end_ms: int
    profile: Profile
    scores: tuple[WindowScores, ...]
    rows: PaneRows


@dataclass(frozen=True, slots=True)
class KeepRows:
    """An hour of event time is over: keep its rows."""

    start_ms: int
    rows: PaneRows


@dataclass(frozen=True, slots=True)
class PaneMatured:
    """The labels of a pane's predictions had their time to come: publish its performance.

    Attributes
    ----------
    counts
        On the monitor's `LabelledLayout`.
    is_first
        False where it was judged before and labels came since: only what is shown changes.
    """

    start_ms: int
    end_ms: int
    lines: tuple[ScoreLine, ...]
    counts: NDArray[np.int64]
    is_first: bool = True


@dataclass(frozen=True, slots=True)
class KeepJoin:
    """Keep the predictions (``waiting``) or the ``labels`` of a pane, packed, until they meet."""

    kind: JoinKind
    start_ms: int
    packed: list[Any]


@dataclass(frozen=True, slots=True)
class Publish:
    """Append an alert to the alerts topic."""

    alert: Alert


DetectorEffect = PaneClosed | KeepRows | PaneMatured | KeepJoin | Publish
