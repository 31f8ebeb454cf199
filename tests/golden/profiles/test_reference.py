"""A reference that was built once is read for ever, and built the same."""

from __future__ import annotations

from stream_drift.reference.file import decode_reference, encode_reference
from tests.golden.profiles.examples import FILE, reference


def test_the_committed_reference_is_read() -> None:
    found, expected = decode_reference(FILE.read_bytes()), reference()
    assert (found.id, found.n, found.layout) == (expected.id, expected.n, expected.layout)
    assert found.profile == expected.profile


def test_the_same_events_build_the_committed_reference() -> None:
    assert encode_reference(reference()) == FILE.read_bytes()
