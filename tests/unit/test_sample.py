"""Which rows are kept follows from event ids alone, and ids themselves are not kept."""

from __future__ import annotations

import json

import numpy as np
import pytest

from stream_drift.engine.effects import AppendToLog, CopyReject
from stream_drift.engine.profiler import Cut, Profiler, ProfilerSettings
from stream_drift.engine.wire import decode_record, encode_record
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.events.record import PartitionId, RecordBatch
from stream_drift.profiles.count import Counter
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.sample import MAX_ROWS, SampledRow, Sampler
from stream_drift.windows.log import Snapshot

T0 = 1_760_000_400_000
LAYOUT = Layout(
    (NumberLayout("size", (0.0, 50.0, 100.0), (0, 1, 2, 3), 50.0, 10.0),),
    (CategoryLayout("city", ("Rome",), ("Bari",)),),
    300_000,
)
MAPPING = EventMapping(
    (Field("size", ("size",)),), (Field("city", ("city",)),), event_id=("id",), time=None
)
NAMES = ("size", "city")


def batch(n: int, first: int = 0) -> RecordBatch:
    values = [
        json.dumps({"id": f"order-{i}", "size": i % 100, "city": "Rome"}).encode()
        for i in range(first, first + n)
    ]
    return RecordBatch(np.arange(first, first + n), np.full(n, T0), values, first + n)


def profiler(rate: float, number: int = 0, key: bytes = b"key") -> Profiler:
    counter = Counter(LAYOUT, NAMES, counts_events=True)
    settings = ProfilerSettings(Decoder(MAPPING), counter, 0, Sampler(NAMES, rate, key))
    return Profiler(settings, PartitionId("orders", "id", number), Cut(0))


def rows_of(machine: Profiler) -> list[SampledRow]:
    found: list[SampledRow] = []
    for effect in machine.write_changed():
        assert isinstance(effect, AppendToLog)
        assert isinstance(effect.record, Snapshot)
        assert decode_record(encode_record(effect.record), LAYOUT) == effect.record
        if effect.record.sample is not None:
            found.extend(effect.record.sample.rows)
    return found


@pytest.mark.parametrize("rate", [1 / 16, 0.5])
def test_the_rate_is_kept_for_ids_that_count_up(rate: float) -> None:
    machine = profiler(rate)
    machine.apply(batch(8_000))
    assert abs(len(rows_of(machine)) / 8_000 - rate) < 4 * (rate * (1 - rate) / 8_000) ** 0.5


def test_at_rate_one_every_row_is_kept_with_its_values() -> None:
    machine = profiler(1.0)
    machine.apply(batch(3))
    assert [row.values for row in rows_of(machine)] == [(0.0, "Rome"), (1.0, "Rome"), (2.0, "Rome")]


def test_the_choice_depends_neither_on_partition_nor_on_batches() -> None:
    whole, pieces = profiler(0.1), profiler(0.1, number=3)
    whole.apply(batch(1_000))
    for first in range(0, 1_000, 7):
        pieces.apply(batch(min(7, 1_000 - first), first))
    assert rows_of(whole) == rows_of(pieces)


def test_a_row_is_sent_once() -> None:
    machine = profiler(1.0)
    machine.apply(batch(5))
    assert len(rows_of(machine)) == 5
    machine.apply(batch(2, first=5))
    assert [row.offset for row in rows_of(machine)] == [5, 6]


def test_identity_follows_from_id_and_key_and_shows_neither() -> None:
    mine, same, other = profiler(1.0), profiler(1.0, number=1), profiler(1.0, key=b"another")
    for machine in (mine, same, other):
        machine.apply(batch(1))
    (row,), (twin,), (stranger,) = rows_of(mine), rows_of(same), rows_of(other)
    assert row.identity == twin.identity != stranger.identity
    assert b"order" not in row.identity


def test_beyond_the_cap_the_rate_halves_and_the_rest_is_still_a_fair_sample() -> None:
    machine = profiler(1.0)
    n = MAX_ROWS + 3_000
    for first in range(0, n, 2_000):
        machine.apply(batch(min(2_000, n - first), first))
    rows = rows_of(machine)
    assert all(row.place < 2**63 for row in rows)
    assert abs(len(rows) / n - 0.5) < 0.03


def test_strict_privacy_keeps_no_rows_payloads_names_or_extremes() -> None:
    counter = Counter(LAYOUT, NAMES, counts_events=True, secret=b"key")
    settings = ProfilerSettings(Decoder(MAPPING), counter, 0, None, copies_payloads=False)
    machine = Profiler(settings, PartitionId("orders", "id", 0), Cut(0))
    values = [b'{"id": 1, "size": 7, "city": "Oz"}', b"rubbish"]
    effects = machine.apply(RecordBatch(np.arange(2), np.full(2, T0), values, 2))
    (reject,) = effects
    assert isinstance(reject, CopyReject)
    assert (reject.value, reject.key) == (None, None)
    (effect,) = machine.write_changed()
    assert isinstance(effect, AppendToLog)
    snapshot = effect.record
    assert isinstance(snapshot, Snapshot)
    assert snapshot.sample is None
    assert b"Oz" not in encode_record(snapshot)
    assert snapshot.profile.low[0] == np.inf
    assert snapshot.profile.bins_of(0).sum() == 1
