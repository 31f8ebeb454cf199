"""A reference document; `python -m tests.golden.profiles.examples` writes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from stream_drift.events.columns import INVALID, INVALID_CATEGORY, MISSING, NOT_FINITE, Columns
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.reference.build import Reference, build_reference
from stream_drift.reference.file import encode_reference

FILE = Path(__file__).with_name("reference.v1.json")


def reference() -> Reference:
    """Whole numbers only, so that no machine counts them otherwise."""
    n = 600
    ages = np.array([float(i * 7_919 % 997) for i in range(n)])
    stays = np.array([[0.0, 0.0, 2.0, 3.0, float(i)][i % 5] for i in range(n)])
    stays[[3, 14, 15]] = MISSING, NOT_FINITE, INVALID
    countries: list[object] = ["PRT", "GBR", "PRT", "\u00c5land", 17] * (n // 5)
    countries[:60] = [f"rare {i}" for i in range(58)] + [None, INVALID_CATEGORY]
    times = np.arange(n)
    columns = Columns(times, times, times, np.column_stack([ages, stays]), (countries,), None, ())
    mapping = EventMapping(
        (Field("age", ("age",)), Field("stay", ("stay",))), (Field("country", ("country",)),)
    )
    created = "2026-01-01T00:00:00Z"
    return build_reference(mapping, [columns], pane_ms=300_000, created_at=created)


def main() -> None:
    """Write the document unless it is there."""
    if not FILE.exists():
        FILE.write_bytes(encode_reference(reference()))


if __name__ == "__main__":
    main()
