from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from stream_drift.errors import ReferenceFileError
from stream_drift.events.columns import INVALID_CATEGORY, MISSING, Columns
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.reference.build import Reference, build_reference
from stream_drift.reference.file import decode_reference, encode_reference

MAPPING = EventMapping((Field("x", ("x",)),), (Field("c", ("c",)),))
CREATED = "2026-01-01T00:00:00Z"


def columns(numbers: list[float], texts: list[object]) -> Columns:
    offsets = np.arange(len(texts))
    table = np.array(numbers).reshape(len(texts), 1)
    return Columns(offsets, offsets, offsets, table, (texts,), None, ())


def built(*batches: Columns) -> Reference:
    return build_reference(MAPPING, batches, pane_ms=60_000, created_at=CREATED)


NUMBERS = [MISSING, 0.1, -0.0, 1e300, 3.0]
TEXTS: list[object] = ["red", None, INVALID_CATEGORY, "\u2603", 17]


def test_a_document_comes_back() -> None:
    reference = built(columns(NUMBERS, TEXTS))
    back = decode_reference(encode_reference(reference))
    assert back == replace(reference, profile=back.profile)
    assert back.profile == reference.profile
    assert back.layout == reference.layout


def test_equal_events_give_an_equal_id_in_any_batches() -> None:
    whole = built(columns(NUMBERS, TEXTS))
    parts = built(columns(NUMBERS[:2], TEXTS[:2]), columns([], []), columns(NUMBERS[2:], TEXTS[2:]))
    assert encode_reference(parts) == encode_reference(whole)


def test_other_events_give_another_id() -> None:
    assert built(columns(NUMBERS, TEXTS)).id != built(columns([*NUMBERS[:4], 4.0], TEXTS)).id


def test_bins_can_be_taken_from_another_reference() -> None:
    old = built(columns(NUMBERS, TEXTS))
    new = build_reference(
        MAPPING, [columns([5.0], ["blue"])], pane_ms=1, created_at=CREATED, layout=old.layout
    )
    assert new.layout.ids == old.layout.ids
    assert new.profile.view("bins").sum() == 2


def test_without_an_event_there_is_no_reference() -> None:
    with pytest.raises(ReferenceFileError, match="no usable event"):
        built(columns([], []))


@pytest.mark.parametrize(
    "document", [b"", b"{}", b"[]", b"\xff", b'{"format": "streamdrift-reference/1"}']
)
def test_something_else_is_told_as_such(document: bytes) -> None:
    with pytest.raises(ReferenceFileError, match="reference build"):
        decode_reference(document)


def test_another_format_is_told_as_such() -> None:
    document = encode_reference(built(columns(NUMBERS, TEXTS)))
    with pytest.raises(ReferenceFileError, match=r"format 'streamdrift-reference/9'"):
        decode_reference(document.replace(b"reference/1", b"reference/9"))


def test_damaged_counts_are_told_as_such() -> None:
    document = json.loads(encode_reference(built(columns(NUMBERS, TEXTS))))
    document["features"][0]["counts"][0].pop()
    with pytest.raises(ReferenceFileError, match="damaged profile"):
        decode_reference(json.dumps(document).encode())
