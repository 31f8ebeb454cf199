"""Labels meet their predictions whenever they come, and the same way after a restart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from stream_drift.engine.join_state import pack_join, refill_join, unpack_join
from stream_drift.engine.label_join import LABEL_NAMES, JoinSettings, LabelJoin
from stream_drift.engine.waiting import Waiting
from stream_drift.profiles.labelled import LabelledLayout
from stream_drift.profiles.rows import PaneRows, Row

LAYOUT = LabelledLayout("binary", ("(other)", "1"))
PANE_MS = 10
SETTINGS = JoinSettings(matures_after_ms=20, horizon_ms=50, join_rows=100)
Event = tuple[int, int, str]
"""(id, time, label) or (id, time, anything)."""


def rows(events: Iterable[Event]) -> PaneRows:
    found = [Row(id_, id_.to_bytes(8, "little"), time, (label,)) for id_, time, label in events]
    return PaneRows(LABEL_NAMES, 1.0, tuple(sorted(found)))


def predictions(start: int, events: Sequence[tuple[int, int]], rate: float = 1.0) -> Waiting:
    """All of them predict class 1."""
    ids, times = zip(*events, strict=True)
    n = len(events)
    return Waiting.fresh(
        start,
        rate,
        np.array(ids, np.uint64),
        np.array(times, np.int64),
        np.ones(n),
        np.full(n, math.nan),
        np.zeros(n, np.bool_),
    )


def join(settings: JoinSettings = SETTINGS) -> LabelJoin:
    return LabelJoin(settings, LAYOUT, PANE_MS)


def judged(joined: LabelJoin, upto_ms: int) -> list[tuple[int, list[float]]]:
    """Start and labels (-1: none) of the panes that are told of."""
    return [
        (pane.start_ms, np.nan_to_num(pane.label, nan=-1).tolist())
        for pane, _ in joined.advance(upto_ms)
    ]


def test_a_pane_is_judged_when_it_has_matured_by_the_labels_that_came_before() -> None:
    joined = join()
    joined.add(predictions(0, [(1, 0), (2, 5), (3, 9)]))
    joined.queued[10] = rows([(1, 12, "1")])
    joined.queued[20] = rows([(2, 29, "0")])
    joined.queued[30] = rows([(3, 30, "1")])
    assert judged(joined, 29) == []
    assert judged(joined, 30) == [(0, [1, 0, -1])]


def test_labels_after_maturity_are_told_once_when_the_pane_ends() -> None:
    joined = join()
    joined.add(predictions(0, [(1, 0)]))
    joined.queued[30] = rows([(1, 33, "1")])
    assert judged(joined, 59) == [(0, [-1])]
    assert judged(joined, 60) == [(0, [1])]
    assert (joined.n_rows, joined.n_forgotten, joined.waiting) == (0, 0, {})


def test_of_many_labels_of_one_prediction_the_latest_stands_whatever_their_order() -> None:
    for order in ([(1, 11, "0"), (1, 14, "1")], [(1, 14, "1"), (1, 11, "0")]):
        joined = join()
        joined.add(predictions(0, [(1, 0)]))
        joined.queued[10] = rows(order)
        assert judged(joined, 30) == [(0, [1])]


def test_a_label_of_an_entity_is_of_the_last_prediction_before_it() -> None:
    joined = join(JoinSettings(20, 50, 100, by_entity=True))
    joined.add(predictions(0, [(1, 0), (1, 6)]))
    joined.add(predictions(10, [(1, 15)]))
    joined.queued[10] = rows([(1, 14, "1"), (1, 16, "0")])
    assert judged(joined, 40) == [(0, [-1, 1]), (10, [0])]


def test_unmatched_labels_are_counted_by_what_can_be_known_of_them() -> None:
    joined = join()
    joined.add(predictions(0, [(1, 0)], rate=0.5))
    joined.queued[10] = PaneRows(
        LABEL_NAMES, 1.0, (Row(2**63, b"12345678", 10, ("1",)), Row(5, b"87654321", 10, ("1",)))
    )
    judged(joined, 60)
    joined.queued[60] = rows([(1, 61, "1")])
    judged(joined, 70)
    assert joined.n_unmatched == {"unsampled": 1, "expired": 1, "unknown": 1}
    assert joined.n_labels == 3


def test_too_many_predictions_push_out_the_oldest() -> None:
    joined = join(JoinSettings(20, 50, join_rows=3))
    for start in (0, 10, 20):
        joined.add(predictions(start, [(start, start), (start + 1, start)]))
    assert (list(joined.waiting), joined.n_rows, joined.n_forgotten) == ([20], 2, 4)


@pytest.mark.parametrize("restart_ms", range(0, 130, 10))
def test_a_restart_changes_nothing(restart_ms: int) -> None:
    chance = np.random.default_rng(5)
    panes = {
        start: predictions(start, [(start + i, start + i) for i in range(10)])
        for start in range(0, 60, 10)
    }
    labels: dict[int, list[Event]] = {start: [] for start in range(0, 130, 10)}
    for id_ in range(60):
        time = id_ + int(chance.integers(0, 70))
        labels[time // 10 * 10].append((id_, time, str(id_ % 2)))

    def run(restart: int | None) -> tuple[list[tuple[int, list[float]]], object]:
        joined, told = join(), []
        kept = {start: panes[start].pack() for start in panes}
        for start in range(0, 130, 10):
            if start == restart:
                before, joined = joined, join()
                unpack_join(joined, pack_join(before))
                packed = {s: [1.0, list(rows(labels[s]).rows)] for s in labels}
                refill_join(joined, kept, packed, start)
            if start in panes:
                joined.add(Waiting.unpack(kept[start]))
            joined.queued[start] = rows(labels[start])
            told += judged(joined, start + 10)
        return told, pack_join(joined)

    assert run(restart_ms) == run(None)
