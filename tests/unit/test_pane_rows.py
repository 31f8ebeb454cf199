"""The sampled rows of a pane: kept once, joined by identity, cut to one rate, and bounded."""

from __future__ import annotations

import numpy as np
import pytest

from stream_drift.engine import pane_rows as open_rows
from stream_drift.engine.pane_rows import OpenRows
from stream_drift.engine.row_store import DENSE_ROWS, SPARSE_MS, SPARSE_ROWS, RowStore
from stream_drift.profiles.row_codec import pack_pane_rows, unpack_pane_rows
from stream_drift.profiles.rows import BlockRows, PaneRows, Row, Values
from stream_drift.profiles.sample import Sample, SampledRow, limit_of

NAMES = ("size", "score", "city")
HOUR_MS = 3_600_000


def sampled(offset: int, share: float, *values: float | str | None) -> SampledRow:
    place = int(share * 2**64)
    return SampledRow(offset, 1_000 + offset, place, f"{share:.4f}".encode(), values)


def block(names: tuple[str, ...], rate: float, *rows: SampledRow) -> BlockRows:
    found = BlockRows()
    found.add(Sample(names, rate, rows))
    return found


def closed(*blocks: BlockRows, joined: bool = True) -> PaneRows:
    rows = OpenRows()
    for each in blocks:
        rows.fold(0, each)
    return rows.close(0, NAMES, joined=joined)


def values(rows: PaneRows) -> list[Values]:
    return [row.values for row in rows.rows]


def pane(first: int, n: int, seed: int, rate: float = 1.0) -> PaneRows:
    places = np.sort(np.random.default_rng(seed).uniform(0, rate, n))
    rows = [Row(int(p * 2**64), b"", first + i, (1.0, None, "Rome")) for i, p in enumerate(places)]
    return PaneRows(NAMES, rate, tuple(rows))


def test_a_row_that_is_sent_again_counts_once() -> None:
    twice = block(("size",), 1, sampled(1, 0.3, 5.0), sampled(2, 0.2, 6.0))
    twice.add(Sample(("size",), 1, (sampled(1, 0.3, 5.0),)))
    assert values(closed(twice)) == [(6.0, None, None), (5.0, None, None)]


def test_two_events_of_one_id_are_two_rows() -> None:
    one = block(("size",), 1, sampled(1, 0.3, 5.0), sampled(2, 0.3, 5.0))
    assert len(closed(one).rows) == 2


def test_a_pane_is_cut_to_its_lowest_rate() -> None:
    half = block(("size",), 0.5, sampled(1, 0.3, 1.0), sampled(2, 0.1, 2.0))
    whole = block(("size",), 1, sampled(1, 0.7, 3.0), sampled(2, 0.2, 4.0))
    for blocks in ((half, whole), (whole, half)):
        found = closed(*blocks)
        assert found.rate == 0.5
        assert values(found) == [(2.0, None, None), (4.0, None, None), (1.0, None, None)]


def test_rows_of_one_event_from_two_inputs_are_one() -> None:
    features = block(("size", "city"), 1, sampled(1, 0.3, 5.0, "Rome"), sampled(2, 0.4, 6.0, None))
    scores = block(("score",), 1, sampled(9, 0.3, 0.9))
    expected = [(5.0, 0.9, "Rome"), (6.0, None, None)]
    assert values(closed(features, scores)) == values(closed(scores, features)) == expected
    assert len(closed(features, scores, joined=False).rows) == 3


def test_rows_of_an_input_without_features_stay_apart() -> None:
    features = block(("size",), 1, sampled(1, 0.3, 5.0))
    labels = block(("label",), 0.1, sampled(9, 0.03, 1.0))
    assert closed(features, labels) == closed(features)


def test_where_nothing_is_sampled_there_are_no_rows() -> None:
    assert closed(BlockRows()) == PaneRows(NAMES)
    store = RowStore(NAMES, 300_000)
    assert store.push(0, PaneRows(NAMES)) == []
    assert store.between(0, HOUR_MS) == PaneRows(NAMES)


def test_open_rows_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_rows, "MAX_OPEN_ROWS", 100)
    rows, chance = OpenRows(), np.random.default_rng(1)
    for number in range(10):
        shares = chance.uniform(0, 1, 40)
        rows.fold(
            number % 2, block(("size",), 1, *(sampled(i, s, 1.0) for i, s in enumerate(shares)))
        )
        assert rows.n_rows <= 100
    found = rows.close(0, NAMES, joined=True)
    assert found.rate < 1
    assert all(row.place < limit_of(found.rate) for row in found.rows)


def test_a_store_keeps_many_rows_of_the_last_day_and_few_of_the_days_before() -> None:
    store = RowStore(NAMES, HOUR_MS)
    finished = [
        hour for i in range(400) for hour in store.push(i * HOUR_MS, pane(i * HOUR_MS, 2_000, i))
    ]
    assert finished == [i * HOUR_MS for i in range(399)]
    sizes = [len(rows.rows) for rows in store.hours.values()]
    assert sizes[-24:] == [DENSE_ROWS] * 24
    assert set(sizes[:-25]) == {SPARSE_ROWS}
    assert len(sizes) == SPARSE_MS // HOUR_MS + 1


def test_what_a_store_gives_of_a_stretch_of_time_is_a_fair_sample() -> None:
    store = RowStore(NAMES, HOUR_MS)
    for i in range(10):
        store.push(i * HOUR_MS, pane(i * HOUR_MS, 4_000 if i == 4 else 500, i))
    found = store.between(3 * HOUR_MS, 6 * HOUR_MS)
    per_hour = [sum(r.time_ms // HOUR_MS == hour for r in found.rows) for hour in range(10)]
    assert per_hour[:3] == per_hour[6:9] == [0, 0, 0]
    assert abs(per_hour[4] / per_hour[3] - 8) < 2.5
    assert found.rate == pytest.approx(DENSE_ROWS / 4_000, rel=0.1)


def test_rows_come_back_with_the_features_that_are_watched_now() -> None:
    rows = pane(0, 3, 1)
    packed = pack_pane_rows(rows)
    assert unpack_pane_rows(packed, NAMES) == rows
    assert values(unpack_pane_rows(packed, ("city", "tax"))) == [("Rome", None)] * 3
