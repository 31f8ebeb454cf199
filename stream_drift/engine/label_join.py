"""Labels that come later, from other topics, meet the predictions that they are of.

One clock moves it: the least of what labels and predictions have both passed. At each step first
the labels of one pane are taken, then the panes of predictions mature whose time has come, then
those end whose horizon has come. So what comes out depends on event times alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Literal

import numpy as np

from stream_drift.engine.waiting import Waiting, identities
from stream_drift.profiles.label_columns import LABEL
from stream_drift.profiles.label_count import as_numbers
from stream_drift.profiles.labelled import LabelledLayout
from stream_drift.profiles.rows import PaneRows
from stream_drift.profiles.sample import limit_of

Unmatched = Literal["unsampled", "expired", "unknown"]
UNMATCHED: tuple[Unmatched, ...] = ("unsampled", "expired", "unknown")
LABEL_NAMES = (LABEL,)


@dataclass(frozen=True, slots=True)
class JoinSettings:
    """Attributes are those of the configuration; a pane matures and ends at full panes.

    Attributes
    ----------
    by_entity
        A label is of the last prediction of its entity before it, not of an event id.
    """

    matures_after_ms: int
    horizon_ms: int
    join_rows: int
    by_entity: bool = False


@dataclass(slots=True, eq=False)
class LabelJoin:
    """Waiting predictions by pane, and the labels that they have got.

    Attributes
    ----------
    reached_ms
        Labels before this time are taken.
    queued
        Labels of closed panes, by start, that are not taken yet.
    n_labels
        Labels taken.
    n_unmatched
        Those without a prediction: of a prediction that was not sampled; of one that may have
        been forgotten (older ones were, at the horizon or for want of room); of one never seen.
    n_forgotten
        Predictions that left without a label.
    n_rows
        Rows that wait.
    kept
        Between a checkpoint's restoration and `restore`: which panes wait, and have matured.
    """

    settings: JoinSettings
    layout: LabelledLayout
    pane_ms: int
    reached_ms: int | None = None
    waiting: dict[int, Waiting] = field(default_factory=dict)
    queued: dict[int, PaneRows] = field(default_factory=dict)
    n_labels: int = 0
    n_unmatched: dict[Unmatched, int] = field(default_factory=lambda: dict.fromkeys(UNMATCHED, 0))
    n_forgotten: int = 0
    n_rows: int = 0
    kept: dict[int, bool] = field(default_factory=dict)
    _unripe: dict[int, Waiting] = field(default_factory=dict)
    _where: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    @property
    def needs_from_ms(self) -> int | None:
        """Panes of predictions and of labels that start earlier are of no use any more."""
        return next(iter(self.waiting), self.reached_ms)

    def add(self, waiting: Waiting) -> None:
        """Take the predictions of the pane that closed last; too many push out the oldest."""
        self.waiting[waiting.start_ms] = waiting
        self.n_rows += len(waiting)
        if not waiting.matured:
            self._unripe[waiting.start_ms] = waiting
        for i, identity in enumerate(waiting.identity.tolist()):
            self._where.setdefault(identity, []).append((waiting.start_ms, i))
        while self.n_rows > self.settings.join_rows and len(self.waiting) > 1:
            self._forget(next(iter(self.waiting)))

    def advance(self, upto_ms: int) -> Iterator[tuple[Waiting, bool]]:
        """Move on; gives panes at their maturity, and again at their end if labels came since.

        The second value says whether it is the first time.
        """
        while (step := self._next()) is not None and step[0] <= upto_ms:
            time_ms, kind, start = step
            if kind == 0:
                self.take(start, self.queued.pop(start))
            else:
                yield from self._judge(self.waiting[start])
            self.reached_ms = max(time_ms, self.reached_ms or time_ms)
        self.reached_ms = max(upto_ms, self.reached_ms or upto_ms)

    def _next(self) -> tuple[int, int, int] | None:
        """When, what and which pane comes next."""
        labels = ((start + self.pane_ms, 0, start) for start in islice(self.queued, 1))
        ripe = ((self.matures_ms(start), 1, start) for start in islice(self._unripe, 1))
        over = ((self._end_ms(start), 2, start) for start in islice(self.waiting, 1))
        return min(chain(labels, ripe, over), default=None)

    def matures_ms(self, start_ms: int) -> int:
        """When the pane of predictions that starts then is judged."""
        return self._after(start_ms, self.settings.matures_after_ms)

    def _end_ms(self, start_ms: int) -> int:
        horizon_ms = max(self.settings.horizon_ms, self.settings.matures_after_ms)
        return self._after(start_ms, horizon_ms)

    def _after(self, start_ms: int, delay_ms: int) -> int:
        n_panes = -(-delay_ms // self.pane_ms)
        return start_ms + (1 + n_panes) * self.pane_ms

    def _judge(self, waiting: Waiting) -> Iterator[tuple[Waiting, bool]]:
        if not waiting.matured:
            waiting.matured = True
            del self._unripe[waiting.start_ms]
            yield waiting, True
            return
        if (waiting.label_ms >= self.matures_ms(waiting.start_ms)).any():
            yield waiting, False
        self._forget(waiting.start_ms)

    def _forget(self, start_ms: int) -> None:
        gone = self.waiting.pop(start_ms)
        self._unripe.pop(start_ms, None)
        self.n_rows -= len(gone)
        self.n_forgotten += int(np.count_nonzero(np.isnan(gone.label)))
        for identity in gone.identity.tolist():
            places = [place for place in self._where.get(identity, ()) if place[0] != start_ms]
            if places:
                self._where[identity] = places
            else:
                self._where.pop(identity, None)

    def take(self, start_ms: int, rows: PaneRows, *, again: bool = False) -> None:
        """Give the labels of one pane to their predictions; the latest of a prediction stands.

        Parameters
        ----------
        again
            They were taken before a restart and are counted already.
        """
        labels = as_numbers(self.layout, [row.values[0] for row in rows.rows])
        ids, times = identities(rows).tolist(), [row.time_ms for row in rows.rows]
        for i in sorted(range(len(times)), key=times.__getitem__):
            if np.isnan(labels[i]):
                continue
            places = self._predictions(ids[i], times[i], start_ms)
            for start, at in places:
                self.waiting[start].label[at] = labels[i]
                self.waiting[start].label_ms[at] = times[i]
            if not again:
                self.n_labels += 1
                if not places:
                    self.n_unmatched[self._reason(rows.rows[i].place)] += 1

    def _predictions(self, identity: int, time_ms: int, start_ms: int) -> list[tuple[int, int]]:
        places = [place for place in self._where.get(identity, ()) if place[0] <= start_ms]
        if not self.settings.by_entity:
            return places
        before = [
            (int(self.waiting[start].time_ms[at]), start, at)
            for start, at in places
            if self.waiting[start].time_ms[at] <= time_ms
        ]
        return [max(before)[1:]] if before else []

    def _reason(self, place: int) -> Unmatched:
        rate = min((waiting.rate for waiting in self.waiting.values()), default=1.0)
        if place >= limit_of(rate):
            return "unsampled"
        return "expired" if self.n_forgotten else "unknown"

    def restore(self, waiting: Iterable[Waiting], labels: Iterable[tuple[int, PaneRows]]) -> None:
        """Take up what was kept, both oldest first; ``reached_ms`` is known already."""
        for pane in waiting:
            self.add(pane)
        for start, rows in labels:
            if self.reached_ms is not None and start < self.reached_ms:
                self.take(start, rows, again=True)
            else:
                self.queued[start] = rows
