"""Decoding: what columns cost on top of msgspec's typed decode alone.

CPU microseconds per event, medians of interleaved rounds, and the median ratio of the two in one
round.
"""

from __future__ import annotations

import dataclasses
import json
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np

from benchmarks.report import print_table
from benchmarks.workload import Workload
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.events.record import RecordBatch
from stream_drift.events.shape import compile_shape, read_paths
from stream_drift.events.typed import typed_decoder

N_EVENTS, BATCH, ROUNDS = 10_000, 1_000, 15
LIMIT = 1.6

Event = dict[str, Any]
Row = tuple[str, str, str, str]


def with_text_for_time(event: Event) -> Event:
    """The event with an ISO 8601 time."""
    moment = datetime.fromtimestamp(event["time"] / 1000, UTC)
    return event | {"time": moment.isoformat(timespec="milliseconds")}


def with_null(event: Event) -> Event:
    """The event with one of three numbers null."""
    return event | {f"f_{event['time'] % 3:02}": None}


def with_text_for_number(event: Event) -> Event:
    """The event with a number of the wrong type: nothing for the fast reading."""
    return event | {"f_07": "7.5"}


def nested(event: Event) -> Event:
    """The event with its numbers in an object of their own."""
    numbers = {name: event[name] for name in event if name.startswith("f_")}
    return {"values": numbers} | {name: event[name] for name in event.keys() - numbers}


def batches(values: list[bytes], stamps: list[int]) -> Iterator[RecordBatch]:
    """The records, cut as the consumer cuts them."""
    for start in range(0, len(values), BATCH):
        rows = slice(start, start + BATCH)
        offsets = np.arange(start, start + len(values[rows]), dtype=np.int64)
        yield RecordBatch(offsets, np.array(stamps[rows]), values[rows], start + len(offsets))


def cpu_us(step: Callable[[], None]) -> float:
    """CPU microseconds per event of one pass."""
    start = time.process_time()
    step()
    return 1e6 * (time.process_time() - start) / N_EVENTS


def measure(
    name: str, mapping: EventMapping, stamps: list[int], values: list[bytes], clean: list[bytes]
) -> Row:
    """Columns of ``values`` and the typed decode of ``clean`` in turn, and how they compare."""
    typed = typed_decoder(compile_shape(read_paths(mapping)))
    decoder, cut = Decoder(mapping), list(batches(values, stamps))
    pieces = [clean[start : start + BATCH] for start in range(0, len(clean), BATCH)]
    assert sum(len(decoder.decode(batch)) for batch in cut) == len(values)

    def decode_typed() -> None:
        for piece in pieces:
            list(map(typed, piece))

    def decode() -> None:
        for batch in cut:
            decoder.decode(batch)

    rounds = [(cpu_us(decode_typed), cpu_us(decode)) for _ in range(ROUNDS)]
    alone, whole = (statistics.median(times) for times in zip(*rounds, strict=True))
    ratio = statistics.median(whole / alone for alone, whole in rounds)
    return name, f"{alone:.2f} µs", f"{whole:.2f} µs", f"{ratio:.2f}"


def written(load: Workload) -> tuple[list[int], list[bytes]]:
    """Record timestamps and values."""
    stamps, values = zip(*load.records(), strict=True)
    return list(stamps), list(values)


def with_numbers_inside(mapping: EventMapping) -> EventMapping:
    """The mapping of `nested` events."""
    numbers = (
        Field(field.name, ("values", *field.path) if field.name.startswith("f_") else field.path)
        for field in mapping.numbers
    )
    return dataclasses.replace(mapping, numbers=tuple(numbers))


def main() -> None:
    """Events of several widths, then the forms that events of 20 numbers may take."""
    rows = []
    for n_numbers, limit in ((5, ""), (20, f" (≤ {LIMIT})"), (100, "")):
        load = Workload(n_numbers=n_numbers, n_events=N_EVENTS)
        stamps, values = written(load)
        rows.append(measure(f"{n_numbers} numbers{limit}", load.mapping, stamps, values, values))

    load = Workload(n_events=N_EVENTS)
    stamps, values = written(load)
    events = [json.loads(value) for value in values]
    inside = with_numbers_inside(load.mapping)
    for name, change, mapping, is_clean in (
        ("20, time as ISO 8601 text", with_text_for_time, load.mapping, True),
        ("20, one of them null", with_null, load.mapping, True),
        ("20, nested", nested, inside, True),
        ("20, one of the wrong type", with_text_for_number, load.mapping, False),
    ):
        changed = [json.dumps(change(event)).encode() for event in events]
        clean = changed if is_clean else values
        rows.append(measure(name, mapping, stamps, changed, clean))
    title = f"decode: CPU per event, medians of {ROUNDS} rounds"
    print_table(title, ("events", "typed decode", "columns", "ratio"), rows)


if __name__ == "__main__":
    main()
