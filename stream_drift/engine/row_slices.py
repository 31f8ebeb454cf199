"""Which segments of the sampled rows arrived or left since the onset of an incident."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from stream_drift.detection.directions import PREDICTION_FEATURES
from stream_drift.detection.slices.find import LEAST_ROWS, FoundSlice, RowTable, find_slices
from stream_drift.engine.row_store import DENSE_MS, SPARSE_MS, RowStore
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.row_codes import Codes, codes_of_rows
from stream_drift.profiles.rows import PaneRows
from stream_drift.reference.build import Reference
from stream_drift.windows.trailing import HOUR_MS

MOST_BEFORE, MOST_AFTER = 8_000, 4_000
"""Rows that are looked at; with more a slice is not named better, only later."""
ENOUGH_BEFORE = 1_000
"""With so many rows before of the same hours of the day, the others are left out."""
RARE, NEW = "(rare)", "(new)"


@dataclass(frozen=True, slots=True)
class RowSlices:
    """Looks at the rows of one moment.

    Attributes
    ----------
    has_baseline
        Whether normal is what was live before; else it is the sample of the reference.
    """

    store: RowStore
    reference: Reference
    has_baseline: bool

    def find(self, onset_ms: int, end_ms: int, guilty: Collection[str]) -> tuple[FoundSlice, ...]:
        """Segments with a condition on a guilty feature; predictions are no condition."""
        inputs = [name for name in self.store.names if name not in PREDICTION_FEATURES]
        wanted = {name for name in guilty if name in inputs}
        after = self.store.between(onset_ms, end_ms).thinned(MOST_AFTER)
        if not wanted or len(after.rows) < LEAST_ROWS:
            return ()
        layout, known = self.reference.layout, self.reference.rows
        if self.has_baseline:
            before = self._before(onset_ms, end_ms).thinned(MOST_BEFORE)
            if len(before.rows) < LEAST_ROWS:
                return ()
            return find_slices(
                _table(before, layout, inputs), _table(after, layout, inputs), wanted
            )
        if known is None:
            return ()
        old = _table_of_codes(known.codes[:MOST_BEFORE], layout, inputs)
        new = _table_of_codes(codes_of_rows(after, layout), layout, inputs)
        return find_slices(old, new, wanted)

    def _before(self, onset_ms: int, end_ms: int) -> PaneRows:
        """The rows before the onset, of the same hours of the day if there are enough."""
        rows = self.store.between(onset_ms - DENSE_MS, onset_ms)
        if len(rows.rows) < ENOUGH_BEFORE:
            rows = self.store.between(onset_ms - SPARSE_MS, onset_ms)
        hours = {at // HOUR_MS % 24 for at in range(onset_ms, end_ms, HOUR_MS)}
        alike = tuple(row for row in rows.rows if row.time_ms // HOUR_MS % 24 in hours)
        return PaneRows(rows.names, rows.rate, alike) if len(alike) >= ENOUGH_BEFORE else rows


def _table(rows: PaneRows, layout: Layout, names: Iterable[str]) -> RowTable:
    wanted = set(names)
    numbers = {
        part.name: rows.table([part.name])[:, 0] for part in layout.numbers if part.name in wanted
    }
    texts = {part.name: rows.texts(part.name) for part in layout.categories if part.name in wanted}
    return RowTable(numbers, texts, len(rows.rows))


def _table_of_codes(codes: Codes, layout: Layout, names: Iterable[str]) -> RowTable:
    """Values of which only the bins are known: numbers lie in the middle of their bin."""
    wanted = set(names)
    numbers, texts = {}, {}
    for i, part in enumerate(layout.parts):
        if part.name not in wanted:
            continue
        if isinstance(part, NumberLayout):
            numbers[part.name] = _middles(part)[codes[:, i]]
        else:
            values = _values(part)
            texts[part.name] = [values[code] for code in codes[:, i].tolist()]
    return RowTable(numbers, texts, len(codes))


def _middles(part: NumberLayout) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    edges = np.array(part.edges)
    inner = (edges[1:] + edges[:-1]) / 2
    return np.concatenate([[edges[0]], inner, [edges[-1], np.nan]])


def _values(part: CategoryLayout) -> list[str | None]:
    return [*part.kept, RARE, NEW, None]
