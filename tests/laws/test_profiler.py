"""What a profiler writes follows from the log alone: not from batches, nor from where it began."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stream_drift.engine.effects import AppendToLog
from stream_drift.engine.profiler import Cut, Profiler, ProfilerSettings
from stream_drift.engine.wire import encode_record
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.events.record import PartitionId, RecordBatch
from stream_drift.profiles.count import Counter
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.sample import Sampler
from stream_drift.windows.blocks import MAX_BLOCK_PANES, SLOT_MS
from stream_drift.windows.log import Ledger, LogRecord

T0 = 1_760_000_400_000
PANE_MS = 60_000
NAMES = ("size", "city")
LAYOUT = Layout(
    (NumberLayout("size", (0.0, 1.0, 5.0), (0, 1, 2, 3), 1.0, 2.0),),
    (CategoryLayout("city", ("Rome",), ("Bari",)),),
    PANE_MS,
)
SETTINGS = ProfilerSettings(
    Decoder(EventMapping((Field("size", ("size",)),), (Field("city", ("city",)),), None, ("t",))),
    Counter(LAYOUT, NAMES, counts_events=True),
    30_000,
    Sampler(NAMES, 0.5, b"key"),
)

steps_ms = st.sampled_from([0, 1_000, PANE_MS, SLOT_MS])
delays_ms = st.sampled_from([-400_000, 0, 20_000, 5 * PANE_MS])
sizes = st.sampled_from([None, -3.0, 1.0, 7.0, "wrong"])
cities = st.sampled_from([None, "Rome", "Bari", "Oslo", 7])
events = st.tuples(steps_ms, st.integers(1, 2), delays_ms, sizes, cities)
records = st.lists(st.one_of(events, st.just(None)), min_size=1, max_size=60)

Draft = tuple[int, int, int, object, object] | None
"""Step of the record timestamp, of the offset, age of the event, values; ``None``: rubbish."""


def log_of(drafts: Sequence[Draft]) -> RecordBatch:
    offset, stamp = -1, T0
    offsets, stamps, values = [], [], []
    for draft in drafts:
        step_ms, n_offsets, delay_ms, size, city = draft or (0, 1, 0, None, None)
        offset, stamp = offset + n_offsets, stamp + step_ms
        event = {"t": stamp - delay_ms, "size": size, "city": city}
        offsets.append(offset)
        stamps.append(stamp)
        values.append(json.dumps(event).encode() if draft else b"rubbish")
    return RecordBatch(np.array(offsets), np.array(stamps), values, offset + 1)


def written(log: RecordBatch, cuts: Sequence[int], start: Cut | None = None) -> list[LogRecord]:
    profiler = Profiler(SETTINGS, PartitionId("orders", "id", 0), start or Cut(0))
    effects = []
    for first, last in zip([0, *cuts], [*cuts, len(log)], strict=True):
        effects += profiler.apply(log.slice(first, last))
    effects += profiler.write_changed()
    return [effect.record for effect in effects if isinstance(effect, AppendToLog)]


@given(records, st.data())
def test_batches_change_nothing(drafts: list[Draft], data: st.DataObject) -> None:
    log = log_of(drafts)
    cuts = data.draw(st.lists(st.integers(0, len(log)), max_size=5).map(sorted))
    assert list(map(encode_record, written(log, cuts))) == list(
        map(encode_record, written(log, []))
    )


@given(records)
def test_records_one_by_one_change_nothing(drafts: list[Draft]) -> None:
    log = log_of(drafts)
    one_by_one = written(log, range(1, len(log)))
    assert list(map(encode_record, one_by_one)) == list(map(encode_record, written(log, [])))


@given(records)
def test_every_record_is_in_one_ledger_or_in_the_open_block(drafts: list[Draft]) -> None:
    log = log_of(drafts)
    ledgers = [record for record in written(log, []) if isinstance(record, Ledger)]
    starts = [0, *(ledger.upto for ledger in ledgers)]
    assert [ledger.block_start for ledger in ledgers] == starts[:-1]
    for ledger in ledgers:
        n_records = int(((log.offsets >= ledger.block_start) & (log.offsets < ledger.upto)).sum())
        assert ledger.events + sum(ledger.rejected.values()) == n_records
        assert ledger.late + sum(ledger.panes.values()) == ledger.events


@given(records, st.data())
def test_who_begins_at_a_cut_writes_what_follows_it(
    drafts: list[Draft], data: st.DataObject
) -> None:
    log = log_of(drafts)
    whole = written(log, [])
    n_read = data.draw(st.integers(0, len(log)))
    profiler = Profiler(SETTINGS, PartitionId("orders", "id", 0), Cut(0))
    profiler.apply(log.slice(0, n_read))
    later = written(log, [], profiler.cut)
    assert list(map(encode_record, later)) == list(map(encode_record, whole[-len(later) :]))
    assert len(later) <= len(whole)


def test_a_block_holds_no_more_panes_than_it_may() -> None:
    n = 3 * MAX_BLOCK_PANES
    values = [json.dumps({"t": T0 - (n - i) * PANE_MS, "size": 1}).encode() for i in range(n)]
    log = RecordBatch(np.arange(n), np.full(n, T0), values, n)
    ledgers = [record for record in written(log, []) if isinstance(record, Ledger)]
    assert [len(ledger.panes) for ledger in ledgers] == [MAX_BLOCK_PANES, MAX_BLOCK_PANES]
