"""Segments are found among the sampled rows of before and after an onset."""

from __future__ import annotations

import numpy as np
import pytest

from stream_drift.detection.slices.find import Condition
from stream_drift.engine.row_slices import RowSlices
from stream_drift.engine.row_store import RowStore
from stream_drift.events.columns import Columns
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.profiles.rows import PaneRows, Row
from stream_drift.reference.build import Reference, build_reference

HOUR_MS = 3_600_000
T0 = 1_790_000_000_000 // HOUR_MS * HOUR_MS
MAPPING = EventMapping(
    numbers=(Field("age", ("age",)),),
    categories=(Field("plan", ("plan",)), Field("prediction", ("prediction",))),
)
N = 400


def values(chance: np.random.Generator, students: float) -> list[tuple[float, str, str]]:
    is_student = (chance.random(N) < students).tolist()
    ages = chance.normal(45, 12, N).tolist()
    return [
        (age, "Student" if student else "Group" if age > 50 else "Single", "1")
        for age, student in zip(ages, is_student, strict=True)
    ]


def hour(chance: np.random.Generator, i: int, students: float) -> tuple[int, PaneRows]:
    start = T0 + i * HOUR_MS
    places = sorted(chance.integers(0, 2**63, N).tolist())
    rows = [
        Row(place, place.to_bytes(8, "big"), start + k, row)
        for k, (place, row) in enumerate(zip(places, values(chance, students), strict=True))
    ]
    return start, PaneRows(("age", "plan", "prediction"), 1.0, tuple(rows))


@pytest.fixture(scope="module")
def store() -> RowStore:
    """Four clean hours, then two in which students come."""
    chance = np.random.default_rng(8)
    found = RowStore(("age", "plan", "prediction"), HOUR_MS)
    for i in range(6):
        found.push(*hour(chance, i, 0.04 if i < 4 else 0.3))
    return found


@pytest.fixture(scope="module")
def reference() -> Reference:
    rows = [row for i in range(5) for row in values(np.random.default_rng(i), 0.04)]
    columns = Columns(
        offsets=np.arange(len(rows)),
        times_ms=np.zeros(len(rows), np.int64),
        record_times_ms=np.zeros(len(rows), np.int64),
        numbers=np.array([[row[0]] for row in rows]),
        categories=([row[1] for row in rows], [row[2] for row in rows]),
        ids=None,
        rejects=(),
    )
    return build_reference(
        MAPPING, [columns], pane_ms=HOUR_MS, created_at="2026-01-01", keep_rows=True
    )


@pytest.mark.parametrize("has_baseline", [True, False])
def test_a_segment_that_arrived_is_named(
    store: RowStore, reference: Reference, *, has_baseline: bool
) -> None:
    slices = RowSlices(store, reference, has_baseline)
    [found] = slices.find(T0 + 4 * HOUR_MS, T0 + 6 * HOUR_MS, ["plan"])
    assert found.conditions == (Condition("plan", "=", "Student"),)
    assert found.hits_before / found.n_before == pytest.approx(0.04, abs=0.02)
    assert found.hits_after / found.n_after == pytest.approx(0.3, abs=0.05)


def test_nothing_is_named_without_rows_or_without_a_guilty_input(
    store: RowStore, reference: Reference
) -> None:
    slices = RowSlices(store, reference, has_baseline=True)
    onset, end = T0 + 4 * HOUR_MS, T0 + 6 * HOUR_MS
    assert slices.find(onset, end, ["prediction"]) == ()
    assert slices.find(end, end + HOUR_MS, ["plan"]) == ()
    assert slices.find(T0, end, ["plan"]) == ()
