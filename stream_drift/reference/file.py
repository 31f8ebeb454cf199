"""The reference snapshot as a readable JSON document."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from stream_drift.errors import ReferenceFileError, WireFormatError
from stream_drift.profiles.codec import pack_profile, unpack_profile
from stream_drift.profiles.joint import JOINT, joint_layout, joint_of
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import Reference
from stream_drift.reference.fit import on_layout
from stream_drift.reference.rows import decode_rows, encode_rows

FORMAT = "streamdrift-reference/1"


class _Number(msgspec.Struct, tag="number"):
    name: str
    edges: list[float]
    coarse: list[int]
    centre: float
    unit: float
    counts: list[Any]


class _Category(msgspec.Struct, tag="category"):
    name: str
    kept: list[str]
    rare: list[str]
    counts: list[Any]


class _Joint(msgspec.Struct):
    features: list[str]
    products: list[int]


class _Document(msgspec.Struct, omit_defaults=True):
    format: str
    id: str
    created_at: str
    n: int
    pane_ms: int
    features: list[_Number | _Category]
    joint: _Joint | None = None
    rows: str | None = None


def encode_reference(reference: Reference) -> bytes:
    """The document; equal references give equal bytes."""
    layout = reference.layout
    _, packed, *_ = pack_profile(reference.profile)
    features: list[_Number | _Category] = []
    for part, (_, *counts) in zip(layout.parts, packed, strict=True):
        match part:
            case NumberLayout(name, edges, coarse, centre, unit):
                features.append(_Number(name, list(edges), list(coarse), centre, unit, counts))
            case CategoryLayout(name, kept, rare):
                features.append(_Category(name, list(kept), list(rare), counts))
    document = _Document(
        FORMAT, reference.id, reference.created_at, reference.n, layout.pane_ms, features
    )
    joint = joint_of(layout)
    if joint is not None:
        document.joint = _Joint(list(joint.features), reference.profile.view(JOINT).tolist())
    if reference.rows is not None:
        document.rows = encode_rows(reference.rows, layout)
    return msgspec.json.format(msgspec.json.encode(document), indent=1)


def decode_reference(document: bytes) -> Reference:
    """Read what `encode_reference` wrote.

    Raises
    ------
    ReferenceFileError
        Where the bytes are no reference snapshot of a version that is understood.
    """
    try:
        found = msgspec.json.decode(document, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = (
            f"not a reference snapshot ({error}); build one with `stream-drift reference build`"
        )
        raise ReferenceFileError(message) from error
    if found.format != FORMAT:
        message = (
            f"reference snapshot of format {found.format!r}, this program reads {FORMAT!r}; "
            "build it again with `stream-drift reference build`"
        )
        raise ReferenceFileError(message)
    layout = _layout(found)
    packed = [
        found.n,
        [
            [identity, *feature.counts]
            for identity, feature in zip(layout.ids, found.features, strict=True)
        ],
    ]
    try:
        profile = unpack_profile(packed, layout)
        if found.joint is not None:
            profile = _with_joint(profile, found.joint)
        rows = None if found.rows is None else decode_rows(found.rows, layout)
    except (WireFormatError, ValueError) as error:
        message = f"{error}; build the reference again with `stream-drift reference build`"
        raise ReferenceFileError(message) from error
    return Reference(found.id, found.created_at, found.n, profile, rows)


def _with_joint(profile: Profile, found: _Joint) -> Profile:
    joint = joint_layout(profile, tuple(found.features))
    if joint is None or joint.size != len(found.products):
        message = "the sums of products do not fit the features"
        raise ValueError(message)
    whole = on_layout(profile, replace(profile.layout, extras=(joint,)))
    whole.view(JOINT)[:] = found.products
    return whole


def _layout(document: _Document) -> Layout:
    numbers, categories = [], []
    for feature in document.features:
        if isinstance(feature, _Number):
            edges, coarse = tuple(feature.edges), tuple(feature.coarse)
            numbers.append(NumberLayout(feature.name, edges, coarse, feature.centre, feature.unit))
        else:
            kept, rare = tuple(feature.kept), tuple(feature.rare)
            categories.append(CategoryLayout(feature.name, kept, rare))
    return Layout(tuple(numbers), tuple(categories), document.pane_ms)
