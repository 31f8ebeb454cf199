"""Some features' values kept while history is read once, so that shifts need no second reading."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from stream_drift.events.columns import Columns
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping
from stream_drift.events.record import RecordBatch
from stream_drift.profiles.layout import Layout
from stream_drift.runtime.injection import Ints, Recorded, Values, chances
from stream_drift.runtime.replay import ReplayInput
from stream_drift.windows.lateness import pane_starts_of


class RecordingDecoder(Decoder):
    """Decodes as always, and keeps offset, time and the named features of every event once."""

    def __init__(self, mapping: EventMapping, names: Collection[str]) -> None:
        super().__init__(mapping)
        self._numbers = [(i, f.name) for i, f in enumerate(mapping.numbers) if f.name in names]
        self._categories = [
            (i, f.name) for i, f in enumerate(mapping.categories) if f.name in names
        ]
        self._texts: dict[str, str] = {}
        self._next_offset = 0
        self._offsets: list[Ints] = [np.empty(0, np.int64)]
        self._times_ms: list[Ints] = [np.empty(0, np.int64)]
        self._values: dict[str, list[Values]] = {
            **{name: [np.empty(0)] for _, name in self._numbers},
            **{name: [np.empty(0, object)] for _, name in self._categories},
        }

    def decode(self, batch: RecordBatch) -> Columns:
        """As `Decoder.decode`; a record that is decoded again is not kept again."""
        columns = super().decode(batch)
        first = int(np.searchsorted(columns.offsets, self._next_offset))
        if first < len(columns):
            self._keep(columns, first)
        return columns

    def _keep(self, columns: Columns, first: int) -> None:
        self._next_offset = int(columns.offsets[-1]) + 1
        self._offsets.append(columns.offsets[first:])
        self._times_ms.append(columns.times_ms[first:])
        for i, name in self._numbers:
            self._values[name].append(columns.numbers[first:, i].copy())
        for i, name in self._categories:
            shared = [self._shared(value) for value in columns.categories[i][first:]]
            kept = np.empty(len(shared), object)
            kept[:] = shared
            self._values[name].append(kept)

    def _shared(self, value: object) -> object:
        """Equal texts as one object: history holds few categories, many times."""
        return self._texts.setdefault(value, value) if isinstance(value, str) else value

    def recorded(self, name: str, from_ms: int) -> tuple[Ints, Ints, Values] | None:
        """Offsets, times and values from a time on; ``None`` for what this input does not carry."""
        if name not in self._values:
            return None
        times_ms = np.concatenate(self._times_ms)
        late = times_ms >= from_ms
        values: Values = np.concatenate(self._values[name])
        return np.concatenate(self._offsets)[late], times_ms[late], values[late]


def recording(
    inputs: Sequence[ReplayInput], names: Collection[str]
) -> tuple[list[ReplayInput], list[RecordingDecoder]]:
    """The same inputs, read by decoders that record the named features."""
    decoders = [RecordingDecoder(source.mapping, names) for source in inputs]
    sources = [
        replace(source, profiler=replace(source.profiler, decoder=decoder))
        for source, decoder in zip(inputs, decoders, strict=True)
    ]
    return sources, decoders


def recorded_feature(
    decoders: Sequence[RecordingDecoder], layout: Layout, name: str, from_ms: int
) -> Recorded:
    """One feature's values from a time on, over all inputs that carry it."""
    starts, luck, values = [], [], []
    for salt, decoder in enumerate(decoders):
        found = decoder.recorded(name, from_ms)
        if found is not None:
            offsets, times_ms, its = found
            starts.append(pane_starts_of(times_ms, layout.pane_ms))
            luck.append(chances(offsets, salt))
            values.append(its)
    feature = layout.names.index(name)
    all_starts, all_values = np.concatenate(starts), np.concatenate(values)
    order = np.argsort(all_starts, kind="stable")
    return Recorded(
        layout, feature, all_starts[order], np.concatenate(luck)[order], all_values[order]
    )
