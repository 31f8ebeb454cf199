"""One partition of the alerts topic on its way into a channel."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from stream_drift.runtime.notify.entry import Entry
from stream_drift.runtime.notify.memo import MOST_OWED, Memo, decode_memo, encode_memo
from stream_drift.runtime.notify.selection import Selection
from stream_drift.runtime.transport import Committed

KEEP_IDS_MS = 86_400_000
RECENT_MS = 600_000
"""A channel that has never committed is told what is younger than this, and what is open."""

Held = Callable[[str], bool]
"""Whether alerts of this monitor have to wait now, for maintenance."""


@dataclass(slots=True)
class Lane:
    """What waits to be told, in the order of the log; pure state, sends nothing.

    Attributes
    ----------
    next_offset
        One past the last record that was handed in.
    ids
        Alert ids with the times of their records, of the last 24 h: a duplicate on the topic is
        told once.
    owed
        Incidents that were held: only their last alert is told.
    news
        Those of ``owed`` of which nothing was told yet: their end says nothing to anybody.
    """

    selection: Selection
    next_offset: int = 0
    waiting: deque[Entry] = field(default_factory=deque)
    ids: dict[str, int] = field(default_factory=dict)
    owed: dict[str, Entry] = field(default_factory=dict)
    news: set[str] = field(default_factory=set)
    marks: dict[str, str] = field(default_factory=dict)
    _firsts: set[str] = field(default_factory=set)

    def take_up(
        self, past: Iterable[Entry], committed: Committed | None, end: int, now_ms: int
    ) -> int:
        """Fold what stands on the topic up to where telling begins; returns that offset.

        Parameters
        ----------
        past
            Everything that the topic holds now.
        end
            Where the topic ends; a commit beyond it is of another topic.
        """
        known = committed if committed is not None and committed.offset <= end else None
        memo = decode_memo(known.metadata) if known else Memo()
        latest: dict[str, Entry] = {}
        start = end
        for entry in past:
            is_past = entry.offset < known.offset if known else entry.time_ms < now_ms - RECENT_MS
            if not is_past:
                start = entry.offset
                break
            self._fold(entry, latest, now_ms)
        wanted = {*memo.n, *memo.o} if known else self.selection.told.keys()
        self.owed = {incident: latest[incident] for incident in wanted if incident in latest}
        self.news = set(memo.n if known else self.owed) & self.owed.keys()
        self.marks = {i: mark for i, mark in memo.m.items() if i in latest}
        self.next_offset = known.offset if known else start
        return self.next_offset

    def _fold(self, entry: Entry, latest: dict[str, Entry], now_ms: int) -> None:
        if entry.alert.id in self.ids:
            return
        self.selection.wants(entry.alert)
        if entry.time_ms >= now_ms - KEEP_IDS_MS:
            self.ids[entry.alert.id] = entry.time_ms
        if entry.alert.data.status == "open":
            latest[entry.incident] = entry
        else:
            latest.pop(entry.incident, None)

    def hand(self, entries: Iterable[Entry], next_offset: int, now_ms: int) -> None:
        """Take new ground of the log."""
        for entry in entries:
            if entry.alert.id not in self.ids:
                self.ids[entry.alert.id] = min(entry.time_ms, now_ms)
                self._queue(entry)
        self.next_offset = max(self.next_offset, next_offset)
        for old in [i for i, time_ms in self.ids.items() if time_ms < now_ms - KEEP_IDS_MS]:
            del self.ids[old]

    def _queue(self, entry: Entry) -> None:
        is_first = entry.incident not in self.selection.told
        if self.selection.wants(entry.alert):
            self.waiting.append(entry)
            if is_first:
                self._firsts.add(entry.alert.id)

    def due(self, now_ms: int, group_wait_ms: int, most: int, held: Held) -> list[Entry]:
        """What to tell next, in one message; puts aside what is held."""
        self._put_aside(held)
        ready = [entry for entry in self.owed.values() if not held(entry.alert.data.monitor)]
        if self.waiting:
            oldest_ms = self.ids.get(self.waiting[0].alert.id, now_ms)
            if now_ms >= oldest_ms + group_wait_ms:
                ready += self._ready(held)
        return ready[:most]

    def _ready(self, held: Held) -> Iterator[Entry]:
        """What of `waiting` is not held; nothing overtakes what is held of its own incident."""
        behind: set[str] = set()
        for entry in self.waiting:
            is_over = entry.alert.data.status == "resolved"
            if entry.incident in behind or (held(entry.alert.data.monitor) and not is_over):
                behind.add(entry.incident)
            else:
                yield entry

    def _put_aside(self, held: Held) -> None:
        """Move what is held out of the way of the rest; good news of what was told is not held."""
        while self.waiting:
            entry = self.waiting[0]
            is_over = entry.alert.data.status == "resolved"
            known = self.owed.get(entry.incident)
            if is_over and entry.incident in self.news:
                self._forget(entry.incident)
                self.waiting.popleft()
            elif known is not None and (is_over or not held(entry.alert.data.monitor)):
                self._forget(entry.incident)
            elif is_over or not held(entry.alert.data.monitor) or self._is_full(entry.incident):
                return
            else:
                self._owe(entry)

    def _owe(self, entry: Entry) -> None:
        if entry.alert.id in self._firsts:
            self._firsts.discard(entry.alert.id)
            self.news.add(entry.incident)
        self.owed[entry.incident] = entry
        self.waiting.popleft()

    def _is_full(self, incident: str) -> bool:
        return incident not in self.owed and len(self.owed) >= MOST_OWED

    def _forget(self, incident: str) -> None:
        self.owed.pop(incident, None)
        self.news.discard(incident)

    def done(self, entries: Sequence[Entry], mark: str | None) -> None:
        """These were told, or given up."""
        told = {entry.alert.id for entry in entries}
        self._firsts -= told
        for entry in entries:
            if self.owed.get(entry.incident) is entry:
                self._forget(entry.incident)
            self.marks.pop(entry.incident, None)
            if mark is not None and entry.alert.data.status == "open":
                self.marks[entry.incident] = mark
        self.waiting = deque(entry for entry in self.waiting if entry.alert.id not in told)

    def settled(self) -> Committed:
        """Everything below this offset is told, or noted beside it."""
        offset = self.waiting[0].offset if self.waiting else self.next_offset
        old = [incident for incident in self.owed if incident not in self.news]
        news = [incident for incident in self.owed if incident in self.news]
        return Committed(offset, encode_memo(Memo(news, old, self.marks)))
