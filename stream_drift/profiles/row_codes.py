"""Rows as bins: which bin of the reference's layout each value of a row falls in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.rows import PaneRows

Codes = NDArray[np.uint16]
"""Bins, shape (n_rows, n_features) in layout order; what has no bin has the number of bins."""


def codes_of_rows(rows: PaneRows, layout: Layout) -> Codes:
    """The bins of sampled rows; features that the rows do not have count as missing."""
    found = np.empty((len(rows.rows), layout.n_features), np.uint16)
    for i, part in enumerate(layout.parts):
        if part.name not in rows.names:
            found[:, i] = part.n_bins
        elif isinstance(part, NumberLayout):
            found[:, i] = _number_codes(rows.table([part.name])[:, 0], part)
        else:
            found[:, i] = _text_codes(rows.texts(part.name), part)
    return found


def _number_codes(values: NDArray[np.float64], part: NumberLayout) -> NDArray[np.int64]:
    bins = np.searchsorted(part.edges, values, side="right")
    return np.where(np.isfinite(values), bins, part.n_bins)


def _text_codes(texts: list[str | None], part: CategoryLayout) -> list[int]:
    place: dict[str | None, int] = dict.fromkeys(part.rare, len(part.kept))
    place.update((text, i) for i, text in enumerate(part.kept))
    place[None] = part.n_bins
    new = part.n_bins - 1
    return [place.get(text, new) for text in texts]


def codes_of_cells(cells: NDArray[np.int64], layout: Layout) -> Codes:
    """The bins of counted events, from their cells in the additive vector, shape (f, n)."""
    starts = layout.slices["bins"].start + layout.bin_starts
    sizes = np.diff(layout.bin_starts)
    inside = (cells >= starts[:-1, None]) & (cells < starts[1:, None])
    return np.where(inside, cells - starts[:-1, None], sizes[:, None]).T.astype(np.uint16)
